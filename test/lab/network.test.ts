import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LinuxGuest } from '../guest/linux.ts';
import {
  type GuestShell,
  guestShell,
  hostState,
  ip,
  json,
  linux,
  qdom,
  run,
  stateAfter,
  text,
} from './helpers.ts';

/** The two guests have two cards each: a tap in VLAN 10 of the bridge, and a macvtap. */
const NAMES = ['left', 'right'] as const;
const VLAN = 10;

interface PortVlans {
  readonly ifname: string;
  readonly vlans: readonly { readonly vlan: number; readonly flags?: readonly string[] }[];
}

describe('two guests on a bridge with VLANs and on macvtaps', () => {
  const shells: Partial<Record<(typeof NAMES)[number], GuestShell>> = {};
  const ping = (from: (typeof NAMES)[number], address: string) =>
    shells[from]?.run(`ping -q -c 3 -W 3 ${address} | grep received`);
  let before: Record<string, unknown>;

  beforeAll(async () => {
    await ip('link add br-lab up type bridge vlan_filtering 1');
    // An MTU that was set stays; else the bridge takes that of its smallest port, and a VLAN on it never comes back from there.
    for (const mtu of [1499, 1500]) await ip(`link set br-lab mtu ${mtu}`);
    await ip('address add 10.0.1.254/24 dev br-lab');
    await run('bridge', ['vlan', 'add', 'dev', 'br-lab', 'vid', String(VLAN), 'self']);
    await ip(`link add link br-lab name br-lab.${VLAN} up type vlan id ${VLAN}`);
    await ip(`address add 10.0.10.254/24 dev br-lab.${VLAN}`);
    await ip('link add parent up type dummy');
    // The host's own card, as it were: a bridge without a port is down.
    await ip('link add uplink up master br-lab type dummy');
    before = await hostState();
    const guest = await linux();
    for (const [i, name] of NAMES.entries())
      await qdom(['create', '--paused', '-'], domain(guest, name, i + 1));
    const [left, right] = await Promise.all(NAMES.map(guestShell));
    Object.assign(shells, { left, right });
    for (const [i, shell] of [left, right].entries()) {
      await shell?.run(`ip addr add 10.0.10.${i + 1}/24 dev eth0; ip addr add 10.0.1.${i + 1}/24 dev eth0`);
      await shell?.run(`ip addr add 10.0.20.${i + 1}/24 dev eth1; ip link set eth0 up; ip link set eth1 up`);
    }
  });

  afterAll(async () => {
    for (const name of NAMES) await qdom(['destroy', name]).catch(() => '');
    for (const link of ['parent', 'uplink', 'br-lab']) await ip(`link delete ${link}`);
  });

  it('have their cards, with the MTU that was asked for', async () => {
    const seen = 'cat /sys/class/net/eth0/address /sys/class/net/eth0/mtu /sys/class/net/eth1/address';
    expect(await shells.left?.run(seen)).toBe('52:54:00:00:00:01\n1400\n52:54:00:00:01:01\nstatus 0');
  });

  it('have taps that are ports of their VLAN alone', async () => {
    const ports = await json<PortVlans[]>('bridge -j vlan show');
    const taps = ports.filter(({ ifname }) => ifname.startsWith('vnet'));
    expect(taps.map(({ vlans }) => vlans)).toEqual(
      NAMES.map(() => [{ vlan: VLAN, flags: ['PVID', 'Egress Untagged'] }]),
    );
  });

  it('are served by vhost in the kernel', async () => {
    const { pid } = JSON.parse(await qdom(['dominfo', 'left', '--json'])) as { pid: number };
    // A thread of the kernel's own; from Linux 6.4 on one of QEMU's.
    const tasks = [...readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)), ...tasksOf(pid)];
    const threads = tasks.filter((task) => nameOf(task) === `vhost-${pid}`);
    expect(threads.length).toBeGreaterThan(0);
  });

  it('reach each other through the bridge, and the host where it is in their VLAN', async () => {
    expect(await ping('left', '10.0.10.2')).toContain('3 packets received');
    expect(await ping('right', '10.0.10.254')).toContain('3 packets received');
    expect(await ping('right', '10.0.1.254')).toContain(' 0 packets received');
  });

  it('reach each other through their macvtaps', async () => {
    expect(await ping('left', '10.0.20.2')).toContain('3 packets received');
  });

  it('leave the host as it was', async () => {
    for (const name of NAMES) await qdom(['destroy', name]);
    expect(await stateAfter(before)).toEqual(before);
  });
});

function tasksOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => `${pid}/task/${tid}`);
}

/** Empty for one that has ended meanwhile. */
function nameOf(task: string): string {
  try {
    return text(`/proc/${task}/comm`);
  } catch {
    return '';
  }
}

/** Each stays on a processor of its own (docs/lab.md, "What it is"). */
function domain({ kernel, initrd }: LinuxGuest, name: string, number: number): string {
  return `<domain type='kvm'>
  <name>${name}</name>
  <memory unit='MiB'>192</memory>
  <vcpu cpuset='${number - 1}'>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>${kernel}</kernel>
    <initrd>${initrd}</initrd>
    <cmdline>console=ttyS0 quiet</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <controller type='usb' model='none'/>
    <interface type='bridge'>
      <mac address='52:54:00:00:00:0${number}'/>
      <source bridge='br-lab'/>
      <vlan><tag id='${VLAN}'/></vlan>
      <model type='virtio'/>
      <driver name='vhost'/>
      <mtu size='1400'/>
    </interface>
    <interface type='direct'>
      <mac address='52:54:00:00:01:0${number}'/>
      <source dev='parent' mode='bridge'/>
      <model type='virtio'/>
    </interface>
    <serial type='pty'/>
    <memballoon model='none'/>
  </devices>
</domain>
`;
}
