import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QdomError } from '../../src/errors/index.ts';
import { hierarchyOf } from '../../src/host/cgroup/layout.ts';
import { destroyMachine, reapAll, startMachine } from '../../src/machine/index.ts';
import { type CgroupRequirement, jsonOption, keysOption, type ThreadTuning } from '../../src/plan/index.ts';
import { kill } from '../helpers/kill.ts';
import { createMachines, hasQemu, noQemu, notedPid, type TestMachines } from '../helpers/machines.ts';

const TUN = '/dev/net/tun';
/** One that nothing else makes and removes meanwhile. */
const disk = readdirSync('/sys/block')
  .filter((name) => !/^(?:loop|zram|ram|nbd)/.test(name))
  .map((name) => `/dev/${name}`)
  .find((path) => existsSync(path));
const cgroup: CgroupRequirement = {
  type: 'cgroup',
  device: "guest's",
  cpuShares: 512,
  cpu: { periodUs: 100_000, quotaUs: 90_000 },
  memoryNodes: '0',
  memory: { hardLimitKiB: 900 * 1024 + 1, softLimitKiB: 800 * 1024 },
  blockDevices: disk === undefined ? [] : [{ path: disk, writeIops: 1000, readBytes: 50_000_000n }],
  realtime: true,
  threadGroups: [
    { name: 'emulator', periodUs: 50_000, quotaUs: 40_000 },
    { name: 'vcpu0', periodUs: 20_000, quotaUs: 10_000 },
    { name: 'iothread1', quotaUs: 30_000, realtime: true },
  ],
};
const threads: readonly ThreadTuning[] = [
  { thread: { kind: 'emulator' }, cpus: '0', group: 'emulator' },
  { thread: { kind: 'vcpu', id: 0 }, cpus: '1', group: 'vcpu0', scheduler: { policy: 'batch' } },
  {
    ...{ thread: { kind: 'iothread', id: 1 }, cpus: '1', group: 'iothread1' },
    scheduler: { policy: 'rr', priority: 2 },
  },
];
const options = [
  keysOption('-name', [['debug-threads', true]]),
  jsonOption('-object', { 'qom-type': 'iothread', id: 'iothread1' }),
];
const POLICY_FIELD = 41;
const BATCH = 3;
const ROUND_ROBIN = 2;

describe.skipIf(whyNot() !== undefined)(
  `QEMU's cgroup and threads${whyNot() === undefined ? '' : ` (${whyNot()})`}`,
  () => {
    let machines: TestMachines;
    const name = "guest's";
    const groupsOf = (controller: 'cpu' | 'memory' | 'cpuset' | 'io') => {
      const { mount, version } = hierarchyOf(controller, name, machines.cx.host);
      return { group: `${mount}/qdom-${name}`, version };
    };
    beforeAll(() => {
      machines = createMachines();
    });
    afterAll(() => machines.end());

    it('are as asked before the first instruction, and the values are the kernel’s', async () => {
      const { pid } = await startMachine(
        machines.cx,
        machines.plan(name, { host: [cgroup], threads, options }),
        {
          paused: true,
        },
      );
      expect(threadsOf(pid)).toMatchObject({
        vcpu0: { cpus: '1', policy: BATCH },
        iothread1: { cpus: '1', policy: ROUND_ROBIN },
        emulator: { cpus: '0', policy: 0 },
      });
      const { group, version } = groupsOf('cpu');
      const quota = (inner: string) =>
        version === 2
          ? text(`${group}${inner}/cpu.max`)
          : `${text(`${group}${inner}/cpu.cfs_quota_us`)} ${text(`${group}${inner}/cpu.cfs_period_us`)}`;
      expect([quota(''), quota('/emulator'), quota('/vcpu0')]).toEqual([
        '90000 100000',
        '40000 50000',
        '10000 20000',
      ]);
      expect(text(`${groupsOf('cpuset').group}/cpuset.mems`)).toBe('0');
      if (disk !== undefined) {
        const io = groupsOf('io');
        const limits =
          io.version === 2
            ? text(`${io.group}/io.max`)
            : `${text(`${io.group}/blkio.throttle.read_bps_device`)} ${text(`${io.group}/blkio.throttle.write_iops_device`)}`;
        expect(limits).toMatch(
          io.version === 2 ? / rbps=50000000 .* wiops=1000/ : /:\d+ 50000000 .*:\d+ 1000$/,
        );
      }
      const memory = groupsOf('memory');
      expect(text(`${memory.group}/${memory.version === 2 ? 'memory.max' : 'memory.limit_in_bytes'}`)).toBe(
        String(900 * 1024 * 1024),
      );
      expect(text(`${memory.group}/cgroup.procs`)).toBe(String(pid));
    });

    it('leave nothing after destroy, and after kill -9 of everything', async () => {
      await destroyMachine(machines.cx, name);
      expect(groupsThatAreThere()).toEqual([]);
      await startMachine(machines.cx, machines.plan(name, { host: [cgroup], threads, options }));
      for (const who of ['supervisorStat', 'qemuStat'] as const) await kill(notedPid(machines, name, who));
      expect(groupsThatAreThere()).not.toEqual([]);
      await reapAll(machines.cx);
      expect(groupsThatAreThere()).toEqual([]);
    });

    it.skipIf(!existsSync(TUN))('let QEMU open the devices that it may, and no other', async () => {
      const start = (nodes: readonly string[]) => {
        const devices: CgroupRequirement = {
          ...{ type: 'cgroup', device: name, blockDevices: [], threadGroups: [] },
          devices: { nodes, drivers: ['pts'] },
        };
        // Any device will do: it is opened, and never read from.
        const user = { 'qom-type': 'rng-random', id: 'restricted', filename: TUN };
        const plan = { host: [devices], options: [jsonOption('-object', user)] };
        return startMachine(machines.cx, machines.plan(name, plan));
      };
      await expect(start([])).rejects.toThrow('Operation not permitted');
      await start([TUN]);
      await destroyMachine(machines.cx, name);
      const { mount } = hierarchyOf('devices', name, machines.cx.host);
      expect(existsSync(`${mount}/qdom-${name}`)).toBe(false);
    });

    it('that the kernel refuses end the start with what it said, and nothing is left', async () => {
      const impossible: ThreadTuning = {
        thread: { kind: 'vcpu', id: 0 },
        scheduler: { policy: 'fifo', priority: 500 },
      };
      const error = await startMachine(
        machines.cx,
        machines.plan(name, { host: [cgroup], threads: [impossible] }),
      ).catch((e: unknown) => e);
      expect((error as QdomError).primary).toMatchObject({
        code: 'host/thread-refused',
        message: expect.stringMatching(/vcpu 0 cannot get the scheduler 'fifo' with priority '500': EINVAL/),
      });
      const refused = await startMachine(
        machines.cx,
        machines.plan(name, { host: [{ ...cgroup, memoryNodes: '900' }] }),
      ).catch((e: unknown) => e);
      expect((refused as QdomError).primary).toMatchObject({
        code: 'host/cgroup-refused',
        message: expect.stringMatching(/'900' could not be written into '.*cpuset.mems'/),
      });
      expect(groupsThatAreThere()).toEqual([]);
    });

    function groupsThatAreThere(): string[] {
      return (['cpu', 'memory', 'cpuset', 'io'] as const).map((c) => groupsOf(c).group).filter(existsSync);
    }
  },
);

function whyNot(): string | undefined {
  if (!hasQemu) return noQemu;
  if (process.getuid?.() !== 0) return 'cgroups need root';
  if (!/ cgroup2? /.test(text('/proc/self/mounts'))) return 'no cgroups are mounted';
  return availableParallelism() < 2 ? 'there is one CPU only' : undefined;
}

function text(path: string): string {
  return readFileSync(path, 'utf8').trim();
}

/** Its threads by what they are for, with the CPUs they may use and their policy. */
function threadsOf(pid: number): Record<string, { cpus: string; policy: number }> {
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/^CPU 0/, 'vcpu0'],
    [/iothread1/, 'iothread1'],
    [/^qemu-system/, 'emulator'],
  ];
  return Object.fromEntries(
    readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
      const directory = `/proc/${pid}/task/${tid}`;
      const kind = kinds.find(([pattern]) => pattern.test(text(`${directory}/comm`)))?.[1];
      const cpus = /Cpus_allowed_list:\s*(\S+)/.exec(text(`${directory}/status`))?.[1] ?? '';
      const stat = text(`${directory}/stat`);
      // The fields after the command's name begin with the third.
      const policy = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[POLICY_FIELD - 3]);
      return kind === undefined ? [] : [[kind, { cpus, policy }]];
    }),
  );
}
