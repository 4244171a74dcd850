import { checked, type Libc } from './ffi.ts';

const BITS_OF_BYTE = 8;

/** Binds one thread to CPUs. @throws NodeJS.ErrnoException, EINVAL if its cpuset has none of them. */
export function bindThread(libc: Libc, tid: number, cpus: readonly number[]): void {
  const highest = Math.max(...cpus, 0);
  const mask = Buffer.alloc(Math.ceil((highest + 1) / 64) * BITS_OF_BYTE);
  for (const cpu of cpus) {
    const byte = Math.floor(cpu / BITS_OF_BYTE);
    mask[byte] = (mask[byte] ?? 0) | (1 << (cpu % BITS_OF_BYTE));
  }
  checked(libc, 'sched_setaffinity', libc.sched_setaffinity(tid, mask.length, mask));
}

const SCHED_PARAM_BYTES = 4;

/** @throws NodeJS.ErrnoException, EPERM without CAP_SYS_NICE. */
export function scheduleThread(libc: Libc, tid: number, policy: number, priority: number): void {
  const parameters = Buffer.alloc(SCHED_PARAM_BYTES);
  parameters.writeInt32LE(priority);
  checked(libc, 'sched_setscheduler', libc.sched_setscheduler(tid, policy, parameters));
}
