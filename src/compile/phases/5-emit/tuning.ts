import type {
  BlockDeviceLimits,
  CgroupRequirement,
  CpuBandwidth,
  ThreadTuning,
} from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { type Emission, type EmitContext, located } from '../../context.ts';
import type { Domain } from '../../domain.ts';
import { usesPlainNuma } from '../../sections/cpu/numa/plain.ts';
import { sharesOf, sharesOfCpu } from '../../sections/cputune/shares.ts';
import { ioThreads } from '../../sections/iothreads/threads.ts';
import { ramBackendId } from '../../sections/memory/emit.ts';
import { type NumberSet, printNumberSet } from '../../shared/number-set.ts';
import { advisedCpus, advisedNodes } from '../../shared/placement.ts';

/**
 * What `<cputune>`, `<memtune>`, `<blkiotune>`, `<numatune>` and the vCPUs' cpuset ask of the host: QEMU's command line
 * has nothing of it.
 */
export function hostTuning(cx: EmitContext): Emission {
  const { cputune, memtune, blkiotune, numatune } = cx.domain;
  const threads = threadTunings(cx);
  const section = cputune ?? memtune ?? blkiotune ?? numatune?.memory ?? cx.domain.resource;
  const emission: Emission = { options: [], host: [...cgroup(cx), ...sharesOfCpu(cx.domain)], threads };
  return section === undefined ? emission : located(emission, whereIs(section));
}

function cgroup(cx: EmitContext): readonly CgroupRequirement[] {
  const { domain } = cx;
  const { cputune } = domain;
  const memory = memoryLimits(domain);
  const nodes = memoryNodes(cx);
  const global = bandwidth(cputune?.global_period, cputune?.global_quota);
  const wanted = {
    ...(cputune?.shares !== undefined && { cpuShares: Number(cputune.shares) }),
    ...(global !== undefined && { cpu: global }),
    ...(nodes !== undefined && { memoryNodes: nodes }),
    ...(memory !== undefined && { memory }),
    ...(domain.blkiotune?.weight !== undefined && { blockWeight: domain.blkiotune.weight }),
  };
  const blockDevices = blockLimits(domain);
  const threadGroups = groupsOfThreads(domain);
  const { partition } = domain.resource ?? {};
  const isPlaced = partition !== undefined && partition !== DEFAULT_PARTITION;
  if (!isPlaced && Object.keys(wanted).length + blockDevices.length + threadGroups.length === 0) return [];
  const isRealtime = threadsOf(domain).some((thread) => hasRealtime(thread, domain));
  return [
    {
      type: 'cgroup',
      device: domain.name,
      ...(partition !== undefined && { partition }),
      ...wanted,
      blockDevices,
      ...(isRealtime && { realtime: true }),
      threadGroups,
    },
  ];
}

/** What libvirt writes into every running domain, and limits nothing. */
const DEFAULT_PARTITION = '/machine';

function bandwidth(periodUs: bigint | undefined, quotaUs: bigint | undefined): CpuBandwidth | undefined {
  if (periodUs === undefined && quotaUs === undefined) return undefined;
  return {
    ...(periodUs !== undefined && { periodUs: Number(periodUs) }),
    ...(quotaUs !== undefined && { quotaUs: Number(quotaUs) }),
  };
}

function memoryLimits({ memtune }: Domain): CgroupRequirement['memory'] {
  const { hard_limit, soft_limit, swap_hard_limit } = memtune ?? {};
  const limits = {
    ...(hard_limit !== undefined && { hardLimitKiB: hard_limit.sizeKiB }),
    ...(soft_limit !== undefined && { softLimitKiB: soft_limit.sizeKiB }),
    ...(swap_hard_limit !== undefined && { swapHardLimitKiB: swap_hard_limit.sizeKiB }),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}

/** Only the cgroup can keep memory to its nodes where QEMU is not told of them: those of `restrictive`, and RAM without a backend. */
function memoryNodes(cx: EmitContext): string | undefined {
  const { domain, env } = cx;
  const memory = domain.numatune?.memory;
  if (memory === undefined) return undefined;
  if (memory.mode !== 'restrictive' && (memory.mode !== 'strict' || hasBackends(cx))) return undefined;
  const nodes = memory.placement === 'auto' ? advisedNodes(env.facts) : memory.nodeset;
  return nodes === undefined ? undefined : printNumberSet(nodes);
}

function hasBackends(cx: EmitContext): boolean {
  const hasCells = (cx.domain.cpu.numa?.cell ?? []).length > 0;
  return hasCells ? !usesPlainNuma(cx) : ramBackendId(cx.domain, cx) !== undefined;
}

function blockLimits({ blkiotune }: Domain): readonly BlockDeviceLimits[] {
  return (blkiotune?.device ?? []).map((device) => ({
    path: device.path,
    ...(device.weight !== undefined && { weight: device.weight }),
    ...(device.read_iops_sec !== undefined && { readIops: device.read_iops_sec }),
    ...(device.write_iops_sec !== undefined && { writeIops: device.write_iops_sec }),
    ...(device.read_bytes_sec !== undefined && { readBytes: device.read_bytes_sec }),
    ...(device.write_bytes_sec !== undefined && { writeBytes: device.write_bytes_sec }),
  }));
}

type Thread = ThreadTuning['thread'];

function nameOf(thread: Thread): string {
  return thread.kind === 'emulator' ? 'emulator' : `${thread.kind}${thread.id}`;
}

/** Groups for the threads whose kind has a period or a quota of its own. */
function groupsOfThreads(domain: Domain): CgroupRequirement['threadGroups'] {
  return threadsOf(domain).flatMap((thread) => {
    const limits = limitsOf(thread, domain);
    const realtime = hasRealtime(thread, domain) && { realtime: true as const };
    return limits === undefined ? [] : [{ name: nameOf(thread), ...limits, ...realtime }];
  });
}

function hasRealtime(thread: Thread, domain: Domain): boolean {
  const { policy } = schedulerOf(thread, domain) ?? {};
  return policy === 'fifo' || policy === 'rr';
}

function limitsOf({ kind }: Thread, { cputune }: Domain): CpuBandwidth | undefined {
  switch (kind) {
    case 'emulator':
      return bandwidth(cputune?.emulator_period, cputune?.emulator_quota);
    case 'vcpu':
      return bandwidth(cputune?.period, cputune?.quota);
    case 'iothread':
      return bandwidth(cputune?.iothread_period, cputune?.iothread_quota);
  }
}

/** Every thread that can be there at the start. */
function threadsOf(domain: Domain): readonly Thread[] {
  const vcpus = Array.from({ length: domain.vcpu.count }, (_, id) => ({ kind: 'vcpu', id }) as const);
  const iothreads = ioThreads(domain).map(({ id }) => ({ kind: 'iothread', id }) as const);
  return [{ kind: 'emulator' }, ...vcpus, ...iothreads];
}

function threadTunings(cx: EmitContext): readonly ThreadTuning[] {
  const { domain } = cx;
  return threadsOf(domain).flatMap((thread) => {
    const cpus = cpusOf(thread, cx);
    const scheduler = schedulerOf(thread, domain);
    const group = limitsOf(thread, domain) === undefined ? undefined : nameOf(thread);
    const shares = thread.kind === 'vcpu' ? sharesOf(thread.id, domain) : undefined;
    if ([cpus, scheduler, group, shares].every((one) => one === undefined)) return [];
    return [
      {
        thread,
        ...(cpus !== undefined && { cpus: printNumberSet(cpus) }),
        ...(scheduler !== undefined && { scheduler }),
        ...(group !== undefined && { group }),
        ...(shares !== undefined && { shares }),
      },
    ];
  });
}

/** A thread that is not pinned by itself runs where `<vcpu>` says (format: "CPU Allocation"). */
function cpusOf(thread: Thread, { domain, env }: EmitContext): NumberSet | undefined {
  const { cputune, vcpu } = domain;
  const pin =
    thread.kind === 'emulator'
      ? cputune?.emulatorpin
      : thread.kind === 'vcpu'
        ? cputune?.vcpupin.find((one) => one.vcpu === thread.id)
        : cputune?.iothreadpin.find((one) => one.iothread === thread.id);
  return pin?.cpuset ?? (vcpu.placement === 'auto' ? advisedCpus(env.facts) : vcpu.cpuset);
}

function schedulerOf(thread: Thread, { cputune }: Domain): ThreadTuning['scheduler'] {
  const found =
    thread.kind === 'emulator'
      ? cputune?.emulatorsched
      : thread.kind === 'vcpu'
        ? cputune?.vcpusched.find((one) => one.vcpus.includes(thread.id))
        : cputune?.iothreadsched.find((one) => one.iothreads.includes(thread.id));
  if (found === undefined) return undefined;
  const { scheduler: policy, priority } = found;
  return { policy, ...(priority !== undefined && { priority }) };
}
