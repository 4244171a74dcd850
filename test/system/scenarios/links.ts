/** Machines with macvtaps and with links that are set up: prints what the host looked like at each point. */
import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { QdomError } from '../../../src/errors/index.ts';
import { destroyMachine, reapAll, startMachine } from '../../../src/machine/index.ts';
import { type HostRequirement, jsonOption, type QemuOption } from '../../../src/plan/index.ts';
import { kill } from '../../helpers/kill.ts';
import { createMachines, notedPid } from '../../helpers/machines.ts';

const ip = async (line: string) => (await execa('ip', line.split(' '))).stdout;

interface Link {
  readonly ifname: string;
  readonly link?: string;
  readonly address: string;
  readonly flags: readonly string[];
  /** How many links above want all multicast of it. */
  readonly allmulti: number;
  readonly linkinfo?: { readonly info_data?: { readonly mode?: string } };
}

async function links() {
  const all = JSON.parse(await ip('-d -j link show')) as Link[];
  return all.map(({ ifname, link, address, flags, allmulti, linkinfo }) => ({
    name: ifname,
    allmulti,
    ...(link !== undefined && { link }),
    // A bridge takes its address from its ports.
    ...(ifname === 'br0' ? {} : { address }),
    ...(linkinfo?.info_data?.mode !== undefined && { mode: linkinfo.info_data.mode }),
    up: flags.includes('UP'),
  }));
}

const MAC = '52:54:00:12:34:56';
const device = jsonOption('-device', { driver: 'virtio-net-pci', netdev: 'hostnet0', id: 'net0', mac: MAC });
const netdev = jsonOption('-netdev', { type: 'tap', id: 'hostnet0', fd: { fd: 'net0-tap0' } });
const options: QemuOption[] = [netdev, device];

function macvtap(mode: string, more: object = {}) {
  const host = {
    ...{ type: 'macvtap', device: 'net0', fds: ['net0-tap0'], vhostFds: [], mac: MAC, parent: 'eth0', mode },
    ...{ trustGuestRxFilters: false, linkUp: true, ...more },
  } as HostRequirement;
  return { host: [host], options };
}

const machines = createMachines();
const { cx } = machines;
const points: Record<string, unknown> = {};
try {
  await ip('link add eth0 type veth peer name peer0');
  await ip('link add br0 type bridge');
  await ip('link set br0 up');
  await ip('tuntap add mytap mode tap');
  points.before = await links();

  const modes: Record<string, unknown> = {};
  for (const mode of ['vepa', 'private', 'bridge', 'passthrough']) {
    await startMachine(cx, machines.plan('guest', macvtap(mode, { trustGuestRxFilters: true })));
    modes[mode] = (await links()).filter((l) => l.name.startsWith('macvtap') || l.name === 'eth0');
    await destroyMachine(cx, 'guest');
  }
  points.modes = modes;
  points.afterModes = await links();

  await startMachine(cx, machines.plan('guest', macvtap('passthrough', { name: 'given0' })));
  points.second = await refusal(
    startMachine(cx, machines.plan('second', { ...macvtap('bridge', { name: 'given0' }), uuid: 'second' })),
  );
  for (const who of ['supervisorStat', 'qemuStat'] as const) await kill(notedPid(machines, 'guest', who));
  await reapAll(cx);
  points.afterKill = await links();

  points.missingParent = await refusal(
    startMachine(cx, machines.plan('guest', macvtap('bridge', { parent: 'nowhere0' }))),
  );

  const tap = {
    ...{
      type: 'tap',
      device: 'net0',
      fds: ['net0-tap0'],
      vhostFds: [],
      mac: MAC,
      linkUp: true,
      name: 'mytap',
    },
  } as HostRequirement;
  const setup: HostRequirement = {
    ...{ type: 'interface-setup', device: 'net0', link: 'tap', mac: MAC, machine: 'm' },
    bandwidth: { inbound: { average: 1000, peak: 2000, burst: 64 } },
    addresses: [{ address: '192.0.2.1', prefix: 24 }],
    routes: [{ address: '198.51.100.0', prefix: 24, gateway: '192.0.2.2' }],
  };
  const isolated = { ...setup, isolated: true, bridge: 'br0' };
  await startMachine(
    cx,
    machines.plan('guest', { host: [{ ...tap, bridge: 'br0' } as HostRequirement, isolated], options }),
  );
  points.isolated = readFileSync('/sys/class/net/mytap/brport/isolated', 'utf8').trim();
  await destroyMachine(cx, 'guest');
  points.afterIsolated = await links();

  points.settingsBefore = await settings();
  await startMachine(cx, machines.plan('guest', { host: [tap, setup], options }));
  points.settings = await settings();
  await destroyMachine(cx, 'guest');
  points.settingsAfter = await settings();
  points.afterSettings = await links();
} finally {
  await machines.end();
}
process.stdout.write(JSON.stringify(points));

async function settings() {
  const [classes, addresses, routes] = [
    (await execa('tc', ['class', 'show', 'dev', 'mytap'])).stdout,
    await ip('-4 -o address show dev mytap'),
    await ip('-4 route show dev mytap'),
  ];
  return {
    classes: classes.trim(),
    addresses: /inet \S+/.exec(addresses)?.[0] ?? '',
    routes: routes
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.includes('via')),
  };
}

async function refusal(start: Promise<unknown>): Promise<unknown> {
  return start.then(
    () => 'started',
    (error: unknown) => (error instanceof QdomError ? error.diagnostics.map((d) => d.code) : String(error)),
  );
}
