import { fail } from '../../errors/index.ts';
import type { BlockDeviceLimits, CgroupRequirement, CpuBandwidth } from '../../plan/index.ts';
import type { HostSystem } from '../system.ts';
import { cgroupErrors } from './errors.ts';
import type { Controller } from './layout.ts';

/** What is written into a group. */
export interface CgroupValue {
  /** Into the first of these that the kernel has and that takes it. */
  readonly files: readonly string[];
  readonly value: string;
  /** Into each that the kernel has. */
  readonly isForAll?: true;
}

function set(files: string | readonly string[], value: string | number | bigint): readonly CgroupValue[] {
  return [{ files: typeof files === 'string' ? [files] : files, value: String(value) }];
}

const NO_LIMIT = -1;
const KIB = 1024;

/** What each controller is asked for; none for one that nothing is asked of. */
export function wantedControllers(requirement: CgroupRequirement): readonly Controller[] {
  const { cpuShares, cpu, memoryNodes, memory, blockWeight, blockDevices, threadGroups, devices } =
    requirement;
  const wanted: readonly Controller[] = [
    ...(cpuShares !== undefined || cpu !== undefined || threadGroups.length > 0 ? ['cpu' as const] : []),
    ...(memoryNodes === undefined ? [] : ['cpuset' as const]),
    ...(memory === undefined ? [] : ['memory' as const]),
    ...(blockWeight === undefined && blockDevices.length === 0 ? [] : ['io' as const]),
    ...(devices === undefined ? [] : ['devices' as const]),
  ];
  // A partition limits those in it, whatever they ask for themselves.
  return requirement.partition === undefined ? wanted : [...new Set([...wanted, ...OF_A_PARTITION])];
}

const OF_A_PARTITION: readonly Controller[] = ['cpu', 'memory'];

/** The values of one controller's group, for the version that the host has. */
export function groupValues(
  controller: Controller,
  version: 1 | 2,
  requirement: CgroupRequirement,
  host: HostSystem,
): readonly CgroupValue[] {
  switch (controller) {
    case 'cpu':
      return [...shares(version, requirement), ...bandwidth(version, requirement.cpu ?? {})];
    case 'cpuset':
      return requirement.memoryNodes === undefined ? [] : set('cpuset.mems', requirement.memoryNodes);
    case 'memory':
      return version === 1 ? memoryV1(requirement) : memoryV2(requirement);
    case 'io':
      return version === 1 ? blockV1(requirement, host) : blockV2(requirement, host);
    case 'devices':
      return [];
  }
}

function shares(version: 1 | 2, { cpuShares }: CgroupRequirement): readonly CgroupValue[] {
  if (cpuShares === undefined) return [];
  return set(version === 1 ? 'cpu.shares' : 'cpu.weight', cpuShares);
}

/** kernel: scheduler/sched-bwc, cgroup-v2 "cpu.max". */
export function bandwidth(version: 1 | 2, { periodUs, quotaUs }: CpuBandwidth): readonly CgroupValue[] {
  if (periodUs === undefined && quotaUs === undefined) return [];
  const isUnlimited = quotaUs === undefined || quotaUs < 0;
  if (version === 2) {
    const quota = isUnlimited ? 'max' : String(quotaUs);
    return set('cpu.max', periodUs === undefined ? quota : `${quota} ${periodUs}`);
  }
  return [
    ...(periodUs === undefined ? [] : set('cpu.cfs_period_us', periodUs)),
    ...(quotaUs === undefined ? [] : set('cpu.cfs_quota_us', isUnlimited ? NO_LIMIT : quotaUs)),
  ];
}

/** kernel: cgroup-v1/memory. The limit with swap can never be below the one without, which is the same if only it is given. */
function memoryV1({ memory = {} }: CgroupRequirement): readonly CgroupValue[] {
  return [
    ...limit('memory.limit_in_bytes', memory.hardLimitKiB ?? memory.swapHardLimitKiB),
    ...limit('memory.soft_limit_in_bytes', memory.softLimitKiB),
    ...limit('memory.memsw.limit_in_bytes', memory.swapHardLimitKiB),
  ];
}

/** kernel: cgroup-v2 "Memory". Version 2 counts swap by itself. */
function memoryV2({ memory = {} }: CgroupRequirement): readonly CgroupValue[] {
  const { hardLimitKiB, softLimitKiB, swapHardLimitKiB } = memory;
  const swapKiB =
    swapHardLimitKiB === undefined ? undefined : Math.max(swapHardLimitKiB - (hardLimitKiB ?? 0), 0);
  return [
    ...limit('memory.max', hardLimitKiB),
    ...limit('memory.high', softLimitKiB),
    ...limit('memory.swap.max', swapKiB),
  ];
}

function limit(file: string, sizeKiB: number | undefined): readonly CgroupValue[] {
  return sizeKiB === undefined ? [] : set(file, BigInt(sizeKiB) * BigInt(KIB));
}

/** Of the scheduler BFQ; kernels before 5.0 have it of CFQ. */
const WEIGHT_V1 = ['blkio.bfq.weight', 'blkio.weight'];
const DEVICE_WEIGHT_V1 = ['blkio.bfq.weight_device', 'blkio.weight_device'];
/** Of the controller iocost, or of BFQ. */
const WEIGHT_V2 = ['io.weight', 'io.bfq.weight'];

/** kernel: cgroup-v1/blkio-controller. */
function blockV1(
  { device, blockWeight, blockDevices }: CgroupRequirement,
  host: HostSystem,
): readonly CgroupValue[] {
  return [
    ...(blockWeight === undefined ? [] : set(WEIGHT_V1, blockWeight)),
    ...blockDevices.flatMap((limits) => {
      const number = deviceNumber(limits, device, host);
      const throttle = (file: string | readonly string[], value: number | bigint | undefined) =>
        value === undefined ? [] : set(file, `${number} ${value}`);
      return [
        ...throttle(DEVICE_WEIGHT_V1, limits.weight),
        ...throttle('blkio.throttle.read_iops_device', limits.readIops),
        ...throttle('blkio.throttle.write_iops_device', limits.writeIops),
        ...throttle('blkio.throttle.read_bps_device', limits.readBytes),
        ...throttle('blkio.throttle.write_bps_device', limits.writeBytes),
      ];
    }),
  ];
}

/** kernel: cgroup-v2 "IO Interface Files". */
function blockV2(
  { device, blockWeight, blockDevices }: CgroupRequirement,
  host: HostSystem,
): readonly CgroupValue[] {
  return [
    // Which of the two weighs is decided for each device.
    ...(blockWeight === undefined
      ? []
      : [{ files: WEIGHT_V2, value: `default ${blockWeight}`, isForAll: true as const }]),
    ...blockDevices.flatMap((limits) => {
      const number = deviceNumber(limits, device, host);
      const { weight, readIops, writeIops, readBytes, writeBytes } = limits;
      const all = { rbps: readBytes, wbps: writeBytes, riops: readIops, wiops: writeIops };
      const given = Object.entries(all).flatMap(([key, value]) =>
        value === undefined ? [] : [`${key}=${value}`],
      );
      return [
        ...(weight === undefined ? [] : set(WEIGHT_V2, `${number} ${weight}`)),
        ...(given.length === 0 ? [] : set('io.max', `${number} ${given.join(' ')}`)),
      ];
    }),
  ];
}

/** `8:0`. @throws QdomError `host/not-a-block-device`. */
function deviceNumber({ path }: BlockDeviceLimits, device: string, host: HostSystem): string {
  const number = host.blockDeviceNumber(path);
  if (number === undefined) throw fail(cgroupErrors['not-a-block-device'], { device, path });
  return number;
}

/** Whether a file says what was written into it; the kernel rounds sizes down to pages and may write more than one line. */
export function isKept(file: string, wanted: string, found: string): boolean {
  const lines = found.trim().split('\n');
  if (/^memory\./.test(file)) return BigInt(lines[0] === 'max' ? -1 : (lines[0] ?? 0)) === wholePages(wanted);
  if (file === 'cpu.max') return (lines[0] ?? '').startsWith(wanted);
  if (file === 'io.max')
    return lines.some((line) => wanted.split(' ').every((word) => line.split(' ').includes(word)));
  return lines.includes(wanted) || (file === 'blkio.bfq.weight' && lines.includes(`default ${wanted}`));
}

const PAGE_BYTES = 4096n;

function wholePages(bytes: string): bigint {
  return (BigInt(bytes) / PAGE_BYTES) * PAGE_BYTES;
}
