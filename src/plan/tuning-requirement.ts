import type { Origin } from './option.ts';

/**
 * The control group that QEMU runs in from its first instruction, removed after. Values are libvirt's; which file of
 * which version of cgroups takes them is the host's business.
 */
export interface CgroupRequirement {
  readonly type: 'cgroup';
  readonly from?: Origin;
  /** The domain's name. */
  readonly device: string;
  /** The group it is made in, `/machine`; absent: the top. It must be there. */
  readonly partition?: string;
  /** 2 to 262144 with version 1, 1 to 10000 with version 2. */
  readonly cpuShares?: number;
  /** Of all threads together. */
  readonly cpu?: CpuBandwidth;
  /** Host NUMA nodes, `0-1`: memory comes from nowhere else. */
  readonly memoryNodes?: string;
  readonly memory?: {
    readonly hardLimitKiB?: number;
    readonly softLimitKiB?: number;
    /** Of memory and swap together. */
    readonly swapHardLimitKiB?: number;
  };
  readonly blockWeight?: number;
  readonly blockDevices: readonly BlockDeviceLimits[];
  /** What QEMU may open of `/dev`; absent: anything. */
  readonly devices?: DeviceAccess;
  /** Some thread has a real-time scheduler. */
  readonly realtime?: true;
  /** Groups inside for single threads: `emulator`, `vcpu0`, `iothread1`. */
  readonly threadGroups: readonly ThreadGroup[];
}

/** Devices beside those that every QEMU needs. */
export interface DeviceAccess {
  /** `/dev/sda` */
  readonly nodes: readonly string[];
  /** All devices of these drivers, as /proc/devices names them: `pts`. */
  readonly drivers: readonly string[];
}

export interface ThreadGroup extends CpuBandwidth {
  readonly name: string;
  /** Its thread has a real-time scheduler. */
  readonly realtime?: true;
}

export interface CpuBandwidth {
  readonly periodUs?: number;
  /** Negative: no limit. */
  readonly quotaUs?: number;
}

export interface BlockDeviceLimits {
  /** `/dev/sda` */
  readonly path: string;
  readonly weight?: number;
  readonly readIops?: number;
  readonly writeIops?: number;
  readonly readBytes?: bigint;
  readonly writeBytes?: bigint;
}

/** Pages that must be free before QEMU takes them: with too few of them it would end with a signal, and no word. */
export interface HugepagesRequirement {
  readonly type: 'hugepages';
  readonly from?: Origin;
  readonly needs: readonly HugepageNeed[];
  /** Those that are missing are made, and taken out of the pool after. */
  readonly allocate?: true;
}

/**
 * Memory of ordinary pages that QEMU takes as a whole and does not give back: where there is not that much, the kernel would kill
 * QEMU or something else. What a guest takes bit by bit may be more than there is.
 */
export interface FreeMemoryRequirement {
  readonly type: 'free-memory';
  readonly from?: Origin;
  readonly needs: readonly MemoryNeed[];
  readonly because: 'locked' | 'allocated' | 'assigned';
}

export interface MemoryNeed {
  /** The id of the memory in QEMU: `ram-node0`. */
  readonly memory: string;
  readonly sizeKiB: number;
  /** Host nodes that it must come from; absent: any. */
  readonly nodes?: readonly number[];
}

/** A hugetlbfs with pages of one size, mounted where none is; the last machine that needs it unmounts it. */
export interface HugetlbfsRequirement {
  readonly type: 'hugetlbfs';
  readonly from?: Origin;
  readonly path: string;
  readonly pageKiB: number;
}

export interface HugepageNeed {
  /** The id of the memory in QEMU: `ram-node0`. */
  readonly memory: string;
  readonly pageKiB: number;
  readonly pages: number;
  /** Host nodes that they must come from; absent: any. */
  readonly nodes?: readonly number[];
}

/** A share of the CPU's caches or memory bandwidth for some vCPUs, or their monitors (kernel: resctrl). */
export interface ResctrlRequirement {
  readonly type: 'resctrl';
  readonly from?: Origin;
  /** The domain's name. */
  readonly device: string;
  /** `vcpus_0-1` */
  readonly name: string;
  readonly caches: readonly CacheShare[];
  readonly bandwidths: readonly BandwidthShare[];
  /** Those of them that are watched by themselves: `vcpus_0`. */
  readonly monitors: readonly string[];
}

export interface CacheShare {
  readonly level: number;
  readonly id: number;
  readonly type: 'both' | 'code' | 'data';
  readonly bytes: bigint;
}

export interface BandwidthShare {
  readonly node: number;
  /** Percent, MB/s or eighths of GB/s: as the host has it. */
  readonly bandwidth: number;
}

/** What one thread of QEMU is given while the guest has not run yet. */
export interface ThreadTuning {
  readonly from?: Origin;
  /** Every thread that is neither a vCPU nor an iothread is the emulator's. */
  readonly thread:
    | { readonly kind: 'emulator' }
    | { readonly kind: 'vcpu' | 'iothread'; readonly id: number };
  /** Host CPUs, `0-3,8`. */
  readonly cpus?: string;
  readonly scheduler?: { readonly policy: 'batch' | 'idle' | 'fifo' | 'rr'; readonly priority?: number };
  /** The name of its group in the domain's cgroup. */
  readonly group?: string;
  /** The names of its share of caches and bandwidth, and of the monitor in it. */
  readonly shares?: readonly string[];
}
