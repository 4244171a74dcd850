import { describe, expect, it } from 'vitest';
import type { QdomError } from '../../../src/errors/index.ts';
import { realise } from '../../../src/host/realise.ts';
import type { CgroupRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const owners = { directory: '/run/owners', machine: 'guest', isThere: () => false };
const V1 = '/sys/fs/cgroup';
const V2 = '/sys/fs/cgroup/unified';
const COMMON = { '/run/m': null, '/run/owners': null, '/dev/sda': '' };

const hostV1 = (files: Readonly<Record<string, string | null>> = {}) =>
  new FakeHost({
    ...COMMON,
    '/proc/self/mounts': ['cpu', 'cpuset', 'memory', 'blkio']
      .map((name) => `cgroup ${V1}/${name} cgroup rw,${name} 0 0\n`)
      .join(''),
    ...{ [`${V1}/memory`]: null, [`${V1}/blkio`]: null },
    [`${V1}/cpu/cpu.rt_runtime_us`]: '950000',
    [`${V1}/cpuset/cpuset.cpus`]: '0-3',
    [`${V1}/cpuset/cpuset.mems`]: '0-1',
    ...files,
  });
const hostV2 = (files: Readonly<Record<string, string | null>> = {}) =>
  new FakeHost({
    ...COMMON,
    '/proc/self/mounts': `cgroup2 ${V2} cgroup2 rw 0 0\n`,
    [`${V2}/cgroup.controllers`]: 'cpuset cpu io memory',
    [`${V2}/cgroup.subtree_control`]: '',
    ...files,
  });

const asked = (given: Partial<CgroupRequirement>): CgroupRequirement => ({
  ...{ type: 'cgroup', device: 'guest', blockDevices: [], threadGroups: [] },
  ...given,
});
const everything = asked({
  cpuShares: 512,
  cpu: { periodUs: 100_000, quotaUs: 50_000 },
  memoryNodes: '1',
  memory: { hardLimitKiB: 1024, softLimitKiB: 512, swapHardLimitKiB: 3072 },
  blockWeight: 500,
  blockDevices: [{ path: '/dev/sda', writeIops: 10, readBytes: 5000n }],
  threadGroups: [
    { name: 'emulator', quotaUs: -1 },
    { name: 'vcpu0', periodUs: 20_000, quotaUs: 10_000 },
  ],
});

const start = (host: FakeHost, requirement: CgroupRequirement) =>
  realise([requirement], host, '/run/m/journal', owners);
const refusal = async (host: FakeHost, requirement: CgroupRequirement) =>
  ((await start(host, requirement).catch((error: unknown) => error)) as QdomError).primary;
const values = (host: FakeHost, files: readonly string[]) => files.map((file) => host.readText(file));

describe('the values of a control group', () => {
  it('are those of version 1, each in its hierarchy', async () => {
    const host = hostV1();
    const made = await start(host, everything);
    const group = (controller: string, file: string) => `${V1}/${controller}/qdom-guest/${file}`;
    expect(
      values(host, [
        group('cpu', 'cpu.shares'),
        group('cpu', 'cpu.cfs_quota_us'),
        group('cpuset', 'cpuset.cpus'),
        group('cpuset', 'cpuset.mems'),
        group('memory', 'memory.limit_in_bytes'),
        group('memory', 'memory.soft_limit_in_bytes'),
        group('memory', 'memory.memsw.limit_in_bytes'),
        group('blkio', 'blkio.bfq.weight'),
        group('blkio', 'blkio.throttle.write_iops_device'),
        group('blkio', 'blkio.throttle.read_bps_device'),
        group('cpu', 'emulator/cpu.cfs_quota_us'),
        group('cpu', 'vcpu0/cpu.cfs_period_us'),
      ]),
    ).toEqual([
      ...['512', '50000', '0-3', '1', '1048576', '524288', '3145728'],
      ...['500', '8:0 10', '8:0 5000', '-1', '20000'],
    ]);
    expect([...made.threadFiles][1]).toEqual(['vcpu0', group('cpu', 'vcpu0/tasks')]);
    expect(made.cgroups).toHaveLength(4);
  });

  it('are those of version 2, where swap is counted by itself', async () => {
    const host = hostV2();
    const made = await start(host, everything);
    const group = (file: string) => `${V2}/qdom-guest/${file}`;
    expect(
      values(host, [
        group('cpu.weight'),
        group('cpu.max'),
        group('cpuset.mems'),
        group('memory.max'),
        group('memory.high'),
        group('memory.swap.max'),
        group('io.bfq.weight'),
        group('io.max'),
        group('emulator/cpu.max'),
        group('vcpu0/cgroup.type'),
        group('cgroup.subtree_control'),
      ]),
    ).toEqual([
      ...['512', '50000 100000', '1', '1048576', '524288', '2097152', 'default 500'],
      ...['8:0 rbps=5000 wiops=10', 'max', 'threaded', 'cpu'],
    ]);
    expect([...made.threadFiles][1]).toEqual(['vcpu0', group('vcpu0/cgroup.threads')]);
    expect(made.cgroups).toEqual([`${V2}/qdom-guest`]);
  });
});

describe('a limit of memory and swap together, alone', () => {
  const limited = asked({ memory: { swapHardLimitKiB: 2048 } });

  it('is one of memory too in version 1, which wants it so', async () => {
    const host = hostV1();
    await start(host, limited);
    const files = ['limit_in_bytes', 'memsw.limit_in_bytes'].map(
      (file) => `${V1}/memory/qdom-guest/memory.${file}`,
    );
    expect(values(host, files)).toEqual(['2097152', '2097152']);
  });

  it('leaves memory alone in version 2', async () => {
    const host = hostV2();
    await start(host, limited);
    const files = ['max', 'swap.max'].map((file) => `${V2}/qdom-guest/memory.${file}`);
    expect(values(host, files)).toEqual(['', '2097152']);
  });
});

describe('a control group', () => {
  it('that is there already is not taken, and stays', async () => {
    const host = hostV2({ [`${V2}/qdom-guest/cgroup.procs`]: '77\n' });
    expect(await refusal(host, asked({ cpuShares: 100 }))).toMatchObject({
      code: 'host/cgroup-exists',
      hint: expect.stringContaining('rmdir'),
    });
    expect(host.readText(`${V2}/qdom-guest/cgroup.procs`)).toBe('77\n');
  });

  it('is refused with the names of the files that this kernel lacks', async () => {
    const host = hostV1();
    const makeDirectory = host.makeDirectory.bind(host);
    host.makeDirectory = (path) => {
      makeDirectory(path);
      host.removeFile(`${path}/blkio.bfq.weight`);
    };
    const before = host.snapshot('/run/');
    expect(await refusal(host, asked({ blockWeight: 500 }))).toMatchObject({
      code: 'host/cgroup-refused',
      message: expect.stringMatching(/blkio.bfq.weight or blkio.weight'.*this kernel does not offer it/),
    });
    expect(host.snapshot('/run/')).toEqual(before);
  });
});

describe('the devices that may be opened', () => {
  const devices = {
    '/dev/null': '',
    '/proc/devices': 'Character devices:\n  1 mem\n136 pts\n\nBlock devices:\n  8 sd\n  9 md\n',
  };
  const wanted = asked({ devices: { nodes: ['/dev/sda', '/dev/gone'], drivers: ['pts', 'md'] } });
  // The fake's numbers are the lengths of the paths.
  const rules = ['c 1:9 rw', 'c 1:8 rw', 'c 136:* rw', 'b 9:* rw'];

  it('are a list in version 1', async () => {
    const host = hostV1({
      ...devices,
      [`${V1}/devices`]: null,
      '/proc/self/mounts': `cgroup ${V1}/devices cgroup rw,devices 0 0\n`,
    });
    await start(host, wanted);
    expect(host.readText(`${V1}/devices/qdom-guest/devices.list`)?.trim().split('\n')).toEqual(rules);
  });

  it('are a program in version 2, for which no controller is turned on', async () => {
    const host = hostV2(devices);
    await start(host, wanted);
    expect(host.readText(`${V2}/qdom-guest/program`)?.split('\n')).toEqual(rules);
    expect(host.readText(`${V2}/cgroup.subtree_control`)).toBe('');
  });
});

describe('a partition', () => {
  it('that is not there is told with every directory that is missing', async () => {
    const host = hostV1({ [`${V1}/memory/tenants`]: null });
    const problem = await refusal(host, asked({ blockWeight: 500, partition: '/tenants' }));
    expect(problem).toMatchObject({
      code: 'host/partition-missing',
      hint: `mkdir ${V1}/blkio/tenants ${V1}/cpu/tenants`,
    });
    expect(host.changes).toBe(0);
  });
});

describe('where systemd runs the host', () => {
  const systemds = (files: Readonly<Record<string, string | null>> = {}) =>
    hostV2({ '/run/systemd/system': null, '/usr/bin/systemd-run': '', ...files });
  const scope = `${V2}/machine.slice/machine-tenants.slice/qdom-guest.scope`;
  const inTenants = { ...everything, partition: '/machine/tenants' };

  it('the group is in a scope of its own, whose first process leaves it for the group', async () => {
    const host = systemds();
    const started: unknown[] = [];
    const spawn = host.spawnDetached.bind(host);
    host.spawnDetached = (program) => {
      started.push(program.args.slice(4));
      return spawn(program);
    };
    const made = await start(host, inTenants);
    expect(made.cgroups).toEqual([`${scope}/qdom-guest`]);
    expect(started).toEqual([
      [
        ...['/usr/bin/systemd-run', '--scope', '--quiet', '--collect', '--unit=qdom-guest.scope'],
        ...['--slice=machine-tenants.slice', '--property=Delegate=yes', '--description=qdom machine guest'],
        ...['--', 'sleep', '900'],
      ],
    ]);
    expect(host.readText(`${scope}/qdom-guest/cgroup.procs`)).toBe('100');
    expect(host.readText(`${scope}/cgroup.subtree_control`)).toBe('cpu cpuset memory io');
    expect(host.readText(`${scope}/qdom-guest/memory.max`)).toBe('1048576');
    expect(host.readText(`${V2}/cgroup.subtree_control`)).toBe('');
  });

  it('names are written as systemd wants them', async () => {
    const made = await start(systemds(), asked({ device: 'my guest', cpuShares: 1, partition: '/a-b' }));
    expect(made.cgroups).toEqual([`${V2}/a\\x2db.slice/qdom-my\\x20guest.scope/qdom-my guest`]);
  });

  it('what systemd says against it is told', async () => {
    const host = systemds();
    host.spawnDetached = ({ log, args }) => {
      host.writeFile(
        log,
        'Failed to start transient scope unit: Unit qdom-guest.scope was already loaded.\n',
      );
      host.writeFile(args[3] ?? '', `9 (sh) S ${'0 '.repeat(18)}9\n`);
      return 9;
    };
    expect(await refusal(host, everything)).toMatchObject({
      code: 'host/scope-failed',
      message: expect.stringContaining('Unit qdom-guest.scope was already loaded'),
    });
  });

  it('nothing is asked of it for version 1', async () => {
    const host = hostV1({ '/run/systemd/system': null });
    expect((await start(host, asked({ cpuShares: 100 }))).cgroups).toEqual([`${V1}/cpu/qdom-guest`]);
  });
});

describe('weights of block I/O in version 2, where iocost and BFQ are both in the kernel', () => {
  const both = (refusing: readonly string[]) => {
    const host = hostV2();
    const makeDirectory = host.makeDirectory.bind(host);
    host.makeDirectory = (path) => {
      makeDirectory(path);
      host.writeFile(`${path}/io.weight`, 'default 100\n');
    };
    const overwrite = host.overwrite.bind(host);
    host.overwrite = (path, text) => {
      if (text.startsWith('8:0 ') && refusing.some((file) => path.endsWith(`/${file}`)))
        throw Object.assign(new Error('ENOTSUP'), { code: 'ENOTSUP' });
      overwrite(path, text);
    };
    return host;
  };
  const group = (file: string) => `${V2}/qdom-guest/${file}`;
  const weighed = asked({ blockWeight: 200, blockDevices: [{ path: '/dev/sda', weight: 300 }] });

  it('go to both, for a device to the one that weighs it', async () => {
    const host = both(['io.weight']);
    await start(host, weighed);
    expect(values(host, [group('io.weight'), group('io.bfq.weight')])).toEqual(['default 200', '8:0 300']);
  });

  it.each([
    ['none [mq-deadline] bfq', '', 'host/nothing-weighs'],
    ['none', '8:16 enable=1 ctrl=auto', 'host/nothing-weighs'],
    ['none mq-deadline [bfq]', '', undefined],
    ['[none] mq-deadline', '8:0 enable=1 ctrl=auto', undefined],
  ])('are checked before the first change: scheduler %j, iocost %j', async (scheduler, costs, code) => {
    const host = hostV2();
    host.plant('/sys/dev/block/8:0/queue/scheduler', `${scheduler}\n`);
    host.plant(`${V2}/io.cost.qos`, costs);
    host.inject('fail', 1);
    // Without a refusal it is the first change that fails.
    expect((await refusal(host, weighed))?.code).toBe(code ?? 'host/step-failed');
  });

  it('are refused if neither does', async () => {
    expect(await refusal(both(['io.weight', 'io.bfq.weight']), weighed)).toMatchObject({
      code: 'host/cgroup-refused',
      message: expect.stringMatching(/io.weight' or '.*io.bfq.weight': neither iocost .* nor BFQ weighs/),
    });
  });
});

describe('real-time threads in version 1', () => {
  const group = `${V1}/cpu/qdom-guest/`;
  const wanted = asked({
    cpuShares: 100,
    realtime: true,
    threadGroups: [
      { name: 'vcpu0', quotaUs: -1, realtime: true },
      { name: 'vcpu1', quotaUs: -1, realtime: true },
      { name: 'emulator', quotaUs: -1 },
    ],
  });

  it('get half of the budget that is left, shared among them', async () => {
    const host = hostV1({ [`${V1}/cpu/other/cpu.rt_runtime_us`]: '150000' });
    await start(host, wanted);
    const budgets = ['', 'vcpu0/', 'vcpu1/', 'emulator/'].map((inner) => `${group}${inner}cpu.rt_runtime_us`);
    expect(values(host, budgets)).toEqual(['400000', '133333', '133333', '0']);
  });

  it('are refused before anything is done where nothing is left', async () => {
    const host = hostV1({ [`${V1}/cpu/cpu.rt_runtime_us`]: '0' });
    host.inject('fail');
    expect(await refusal(host, wanted)).toMatchObject({ code: 'host/no-realtime' });
    expect(host.changes).toBe(0);
  });

  it('need no budget where the kernel does not divide it', async () => {
    const host = hostV1();
    host.removeFile(`${V1}/cpu/cpu.rt_runtime_us`);
    await start(host, wanted);
    expect(host.readText(`${group}cpu.rt_runtime_us`)).toBeUndefined();
  });
});
