/** Machines with taps: prints what the host looked like at each point. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { execa } from 'execa';
import { QdomError } from '../../../src/errors/index.ts';
import { destroyMachine, reapAll, startMachine } from '../../../src/machine/index.ts';
import { type HostRequirement, jsonOption, type QemuOption } from '../../../src/plan/index.ts';
import { kill } from '../../helpers/kill.ts';
import { createMachines, notedPid } from '../../helpers/machines.ts';

interface Link {
  readonly ifname: string;
  readonly mtu: number;
  readonly master?: string;
  readonly flags: readonly string[];
  readonly address: string;
}

const ip = async (line: string) => (await execa('ip', line.split(' '))).stdout;

async function links() {
  const all = JSON.parse(await ip('-j link show')) as Link[];
  return all.map(({ ifname, mtu, master, flags, address }) => ({
    name: ifname,
    mtu,
    ...(master === undefined ? {} : { master }),
    up: flags.includes('UP'),
    // A bridge takes its address from its ports: only the taps' own are looked at.
    ...(ifname.startsWith('br') ? {} : { address }),
  }));
}

function tap(name: string, queues: number, more: Partial<HostRequirement> = {}) {
  const fds = Array.from({ length: queues }, (_, i) => `net0-tap${i}`);
  const host: HostRequirement = {
    ...{ type: 'tap', device: 'net0', fds, vhostFds: [], name, bridge: 'br0', mac: '52:54:00:12:34:56' },
    ...{ mtu: 1450, linkUp: true },
    ...more,
  } as HostRequirement;
  const [first = ''] = fds;
  const options: QemuOption[] = [
    jsonOption('-netdev', {
      type: 'tap',
      id: 'hostnet0',
      ...(queues > 1 ? { fds: { fds } } : { fd: { fd: first } }),
    }),
    jsonOption('-device', {
      ...{ driver: 'virtio-net-pci', netdev: 'hostnet0', id: 'net0', mac: '52:54:00:12:34:56' },
      ...(queues > 1 ? { mq: true, vectors: 2 * queues + 2 } : {}),
    }),
  ];
  return { host: [host], options };
}

const machines = createMachines();
/** What these have is not known to those, nor the other way round. */
const strangers = createMachines();
const { cx } = machines;
const points: Record<string, unknown> = {};
try {
  for (const bridge of ['br0', 'br1']) await ip(`link add ${bridge} type bridge`);
  await ip('link set br0 up');
  await ip('tuntap add mytap mode tap');
  await ip('link set mytap mtu 1400 master br1');
  points.before = await links();

  const { pid } = await startMachine(cx, machines.plan('new', tap('vnet%d', 2)));
  points.withNewTap = (await links()).filter((l) => l.name.startsWith('vnet'));
  points.queues = [...readFileSync(`/sys/class/net/vnet0/tun_flags`, 'utf8')].join('').trim();
  points.shellHoldsTap = await holdsTap(notedPid(machines, 'new', 'supervisorStat'));
  points.qemuHoldsTap = await holdsTap(pid);
  await destroyMachine(cx, 'new');
  points.afterDestroy = await links();

  points.answer = await throughTap();

  await startMachine(cx, machines.plan('nine', tap('vnet%d', 9)));
  points.nineShell = await holdsTap(notedPid(machines, 'nine', 'supervisorStat'));
  await destroyMachine(cx, 'nine');

  await startMachine(cx, machines.plan('new', tap('vnet%d', 1)));
  for (const who of ['supervisorStat', 'qemuStat'] as const) await kill(notedPid(machines, 'new', who));
  await reapAll(cx);
  points.afterKill = await links();

  const given = await startMachine(cx, machines.plan('given', tap('mytap', 1)));
  points.withGivenTap = (await links()).filter((l) => l.name === 'mytap');
  points.second = await startMachine(
    cx,
    machines.plan('second', { ...tap('mytap', 1), uuid: 'second' }),
  ).then(
    () => 'started',
    (error: unknown) => (error instanceof QdomError ? error.diagnostics.map((d) => d.code) : String(error)),
  );
  const stranger = () =>
    startMachine(strangers.cx, strangers.plan('stranger', tap('mytap', 1))).then(
      () => 'started',
      (error: unknown) => String(error).replace(String(given.pid), 'PID'),
    );
  points.stranger = await stranger();
  await ip('link set mytap down');
  points.strangerWhileDown = await stranger();
  await ip('link set mytap up');
  points.givenAfterRefusal = (await links()).filter((l) => l.name === 'mytap');
  await destroyMachine(cx, 'given');
  points.afterGiven = await links();
} finally {
  await machines.end();
  await strangers.end();
}
process.stdout.write(JSON.stringify(points));

/** A connection over the bridge and the tap to QEMU's user network, which leads 10.0.2.2 back to our loopback. */
async function throughTap(): Promise<string> {
  const hub = (id: string, netdev: string) =>
    jsonOption('-netdev', { type: 'hubport', hubid: 0, id, netdev });
  const options = [
    jsonOption('-netdev', { type: 'tap', id: 'hostnet0', fd: { fd: 'net0-tap0' } }),
    jsonOption('-netdev', { type: 'user', id: 'user0' }),
    hub('hub0', 'hostnet0'),
    hub('hub1', 'user0'),
  ];
  await startMachine(cx, machines.plan('hub', { ...tap('vnet%d', 1), options }));
  await ip('address add 10.0.2.100/24 dev br0');
  const server = createServer((socket) => socket.end('through the tap')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '10.0.2.2');
  const answer = (await socket.setTimeout(5_000, () => socket.destroy()).toArray()).join('');
  server.close();
  await ip('address flush dev br0');
  await destroyMachine(cx, 'hub');
  return answer;
}

async function holdsTap(pid: number): Promise<number> {
  const { stdout } = await execa('sh', ['-c', `ls -l /proc/${pid}/fd | grep -c /dev/net/tun`], {
    reject: false,
  });
  return Number(stdout);
}
