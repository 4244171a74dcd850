/** Two Linux guests with a NIC of each kind: prints which of them reach each other, and how the host was before and after. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { realHost } from '../../../src/host/real.ts';
import { waitUntil } from '../../../src/host/wait.ts';
import { attachConsole, findDirectories, type MachineContext } from '../../../src/machine/index.ts';
import { linuxGuest } from '../../guest/linux.ts';
import { qdom } from '../../helpers/cli.ts';
import { ConsoleReader } from '../../helpers/console-reader.ts';
import { kill } from '../../helpers/kill.ts';
import { notedPid } from '../../helpers/machines.ts';
import { networkState } from '../../helpers/network-state.ts';
import { whyNoPasst } from '../../helpers/passt.ts';

const guest = await linuxGuest();
if ('missing' in guest) throw new Error(guest.missing);

async function run(line: string): Promise<string> {
  const [program = '', ...args] = line.split(' ');
  return (await execa(program, args)).stdout;
}

for (const which of ['all', 'default']) writeFileSync(`/proc/sys/net/ipv6/conf/${which}/accept_dad`, '0');
for (const line of [
  'ip link set lo multicast on',
  'ip route add 224.0.0.0/4 dev lo',
  'ip link add up0 type veth peer name up1',
  'ip link set up0 up',
  'ip link set up1 up',
  'ip address add 192.0.2.1/24 dev up1',
  'ip route add default via 192.0.2.2 dev up1',
  ...[0, 1, 2].flatMap(bridgeWithPort),
])
  await run(line);
const filtersVlans = await run('ip link set br2 type bridge vlan_filtering 1').then(
  () => true,
  () => false,
);

/** It has its own address, and something is connected: otherwise the kernel itself changes it with the first guest. */
function bridgeWithPort(index: number): string[] {
  const [br, port, peer] = [`br${index}`, `port${index}`, `peer${index}`];
  return [
    `ip link add ${br} address 02:00:00:00:00:0${index} type bridge`,
    `ip link add ${port} type veth peer name ${peer}`,
    `ip link set ${port} master ${br}`,
    ...[br, port, peer].map((name) => `ip link set ${name} up`),
  ];
}

type Side = 'left' | 'right';
type Ends = Record<Side, string>;

const same = (xml: string): Ends => ({ left: xml, right: xml });
const bridge = (name: string, more = '') =>
  `<interface type='bridge'><source bridge='${name}'/>${more}<model type='virtio'/></interface>`;

const NICS: Record<string, Ends> = {
  bridge: {
    left: bridge('br0', "<bandwidth><inbound average='1000' peak='2000' burst='64'/></bandwidth>"),
    right: bridge('br0', "<mtu size='1400'/>"),
  },
  isolated: same(bridge('br1', "<port isolated='yes'/>")),
  macTable: same(
    "<interface type='bridge'><source bridge='br2' macTableManager='libvirt'/><model type='virtio'/><driver queues='2'/></interface>",
  ),
  macvtap: same(
    "<interface type='direct'><source dev='up0' mode='bridge'/><model type='virtio'/><driver queues='2'/></interface>",
  ),
  multicast: same(
    "<interface type='mcast'><source address='230.0.0.1' port='5558'/><model type='virtio'/></interface>",
  ),
  tcp: {
    left: "<interface type='server'><source address='127.0.0.1' port='5559'/><model type='virtio'/></interface>",
    right:
      "<interface type='client'><source address='127.0.0.1' port='5559'/><model type='virtio'/></interface>",
  },
  udp: { left: udp(5560, 5561), right: udp(5561, 5560) },
  ...(filtersVlans && {
    sameVlan: same(bridge('br2', "<vlan><tag id='42'/></vlan>")),
    otherVlan: {
      left: bridge('br2', "<vlan><tag id='7'/></vlan>"),
      right: bridge('br2', "<vlan><tag id='8'/></vlan>"),
    },
  }),
};
const hasPasst = whyNoPasst() === undefined;
const OUT: Ends = {
  left: "<interface type='user'><model type='virtio'/></interface>",
  right: !hasPasst
    ? ''
    : `<interface type='user'><model type='virtio'/><backend type='passt'/><portForward proto='tcp' address='127.0.0.1'>
    <range start='8080' end='8081' to='80'/></portForward></interface>`,
};

function udp(to: number, local: number): string {
  return `<interface type='udp'><source address='127.0.0.1' port='${to}'><local address='127.0.0.1' port='${local}'/></source><model type='virtio'/></interface>`;
}

function domain(side: Side, { kernel, initrd }: { kernel: string; initrd: string }): string {
  return `<domain type='qemu'><name>${side}</name><memory unit='MiB'>256</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type><kernel>${kernel}</kernel><initrd>${initrd}</initrd>
    <cmdline>console=ttyS0 quiet</cmdline></os><features><acpi/></features><devices>
    ${[...Object.values(NICS), OUT].map((ends) => ends[side]).join('\n')}
    <serial type='pty'/><memballoon model='none'/></devices></domain>`;
}

const root = mkdtempSync(path.join(tmpdir(), 'qdom-packets-'));
const directories = findDirectories({ root, uid: 0, home: root, env: {} });
const cx: MachineContext = { directories, host: realHost(), reapCommand: [] };
const points: Record<string, unknown> = {};
try {
  const addresses = () => readFileSync('/proc/net/if_inet6', 'utf8');
  await waitUntil(() => ['br0', 'br1', 'br2'].every((br) => addresses().includes(br)), 10_000);
  const before = await networkState();
  const left = await boot('left');
  const right = await boot('right');
  points.reached = await pings(left);
  points.gateway = await left.run(
    `ifconfig eth${Object.keys(NICS).length} 10.0.2.15 netmask 255.255.255.0; ${ping('10.0.2.2')}`,
  );
  if (hasPasst) points.throughPasst = await throughPasst(right);
  points.ports = await run('bridge -d link show');
  points.classes = await run('tc class show dev vnet0');
  points.entries = await run('bridge fdb show br br2');
  for (const who of ['supervisorStat', 'qemuStat'] as const) await kill(notedPid({ cx }, 'left', who));
  await qdom(root, ['reap', '--all']);
  await qdom(root, ['destroy', 'right']);
  points.changed = differences(before, await networkState());
} finally {
  for (const side of ['left', 'right']) await qdom(root, ['destroy', side]);
  rmSync(root, { recursive: true, force: true });
}
process.stdout.write(JSON.stringify(points));

async function boot(side: Side): Promise<ConsoleReader> {
  const file = path.join(root, `${side}.xml`);
  writeFileSync(file, domain(side, guest as { kernel: string; initrd: string }));
  const { exitCode, stderr } = await qdom(root, ['create', '--paused', file]);
  if (exitCode !== 0) throw new Error(stderr);
  const console = new ConsoleReader(await attachConsole(cx, side));
  await qdom(root, ['resume', side]);
  await console.until('guest is up');
  await console.quiet();
  const own = side === 'left' ? 1 : 2;
  for (const index of Object.keys(NICS).keys())
    await console.run(`ifconfig eth${index} 10.9.${index}.${own} netmask 255.255.255.0`);
  return console;
}

function ping(address: string): string {
  return `ping -c 1 -W 2 ${address} >/dev/null && echo yes || echo no`;
}

async function pings(console: ConsoleReader): Promise<Record<string, string>> {
  const reached: Record<string, string> = {};
  for (const [index, name] of Object.keys(NICS).entries())
    reached[name] = await console.run(ping(`10.9.${index}.2`));
  return reached;
}

/** What comes to the guest through a port that passt forwards to it: 8081 of the host is 81 there. */
async function throughPasst(console: ConsoleReader): Promise<string> {
  const nic = `eth${Object.keys(NICS).length}`;
  await console.run(`ifconfig ${nic} 192.0.2.1 netmask 255.255.255.0; route add default gw 192.0.2.2`);
  await console.run(
    '(sleep 600 | nc -l -p 81 >/tmp/got) & until netstat -ltn | grep -q :81; do sleep 0.1; done',
  );
  const socket = connect(8081, '127.0.0.1').setTimeout(10_000, () => socket.destroy());
  await once(socket, 'connect');
  socket.end('from the host\n');
  await once(socket, 'close');
  return console.run('cat /tmp/got');
}

/** The lines that are only in one of the two. */
function differences(before: Record<string, string>, after: Record<string, string>): string[] {
  const lines = (state: Record<string, string>) =>
    Object.entries(state).flatMap(([command, text]) => text.split('\n').map((line) => `${command}: ${line}`));
  const [old, now] = [new Set(lines(before)), new Set(lines(after))];
  return [
    ...[...old].filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
