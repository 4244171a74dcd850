import { defineErrors } from '../../errors/index.ts';

/** What can be wrong with control groups and with the threads in them. */
export const cgroupErrors = defineErrors('host', () => ({
  'cgroup-missing': {
    class: 'unavailable',
    message: (p: { controller: string; device: string }) =>
      `'${p.device}' is tuned by the cgroup controller '${p.controller}', which this host does not have`,
    hint: () => 'mount cgroups (mount -t cgroup2 none /sys/fs/cgroup); qdom doctor says what there is',
  },
  'partition-missing': {
    class: 'unavailable',
    message: (p: { device: string; partition: string; paths: readonly string[] }) =>
      `the partition '${p.partition}' of '${p.device}' is not there: no ${p.paths.map((path) => `'${path}'`).join(', no ')}`,
    hint: (p) => `mkdir ${p.paths.join(' ')}`,
  },
  'cgroup-refused': {
    class: 'failed',
    message: (p: { file: string; value: string; reason: string }) =>
      `'${p.value}' could not be written into '${p.file}': ${p.reason}`,
    hint: () => 'cgroups are set by root, or by a user to whom the group around was delegated',
  },
  'cgroup-exists': {
    class: 'conflict',
    message: (p: { device: string; group: string }) =>
      `the cgroup '${p.group}', which '${p.device}' is to have for itself, is there already`,
    hint: (p) => `if nothing runs in it (cat ${p.group}/cgroup.procs): rmdir ${p.group}`,
  },
  'scope-failed': {
    class: 'failed',
    message: (p: { unit: string; path: string; reason: string }) =>
      `systemd's scope '${p.unit}' ('${p.path}'): ${p.reason}`,
    hint: (p) => `systemctl status ${p.unit}`,
  },
  'no-realtime': {
    class: 'unavailable',
    message: (p: { group: string; file: string }) =>
      `a real-time scheduler is asked for, and the cgroup '${p.group}' has no real-time budget left to give ('${p.file}')`,
    hint: (p) => `give it some: echo 950000 > ${p.file}`,
  },
  'not-a-block-device': {
    class: 'unavailable',
    message: (p: { device: string; path: string }) =>
      `'${p.path}', which <blkiotune> of '${p.device}' limits, is no block device`,
    hint: () => 'give the path of a whole disk or partition: lsblk -p shows them',
  },
  'nothing-weighs': {
    class: 'unavailable',
    message: (p: { device: string; path: string; scheduler: string; schedulers: string }) =>
      `'${p.path}' has a weight in <blkiotune> of '${p.device}', but nothing weighs it: its I/O scheduler is '${p.scheduler}', and iocost is not set up for it`,
    hint: (p) => `echo bfq > ${p.schedulers}`,
  },
  'thread-refused': {
    class: 'failed',
    message: (p: { thread: string; what: string; reason: string }) =>
      `${p.thread} cannot get ${p.what}: ${p.reason}`,
    hint: () =>
      'CPUs must be online and in the cpuset that QEMU runs in; real-time schedulers need CAP_SYS_NICE or RLIMIT_RTPRIO',
  },
}));
