import { type Diagnostic, diagnose, fail, QdomError } from '../errors/index.ts';
import { cgroupErrors } from '../host/cgroup/errors.ts';
import type { HostSystem } from '../host/system.ts';
import type { ThreadTuning } from '../plan/index.ts';
import type { QmpClient } from '../qmp/client.ts';
import { COMMAND_TIMEOUT_MS } from './monitor.ts';

/** linux/sched.h */
const POLICIES = { fifo: 1, rr: 2, batch: 3, idle: 5 } as const;

/** QEMU's name of an iothread that the compiler numbers. */
const IOTHREAD = /^iothread(\d+)$/;

/**
 * Binds, schedules and groups QEMU's threads while the guest has not run yet. Threads that QEMU starts later take after
 * the one that starts them. There is nothing to undo: it ends with the threads.
 * @throws QdomError `host/thread-refused` with what the kernel said and the place in the XML.
 */
export async function tuneThreads(
  host: HostSystem,
  monitor: QmpClient,
  qemuPid: number,
  tunings: readonly ThreadTuning[],
  threadFiles: ReadonlyMap<string, string>,
): Promise<void> {
  if (tunings.length === 0) return;
  const threads = await findThreads(host, monitor, qemuPid);
  for (const tuning of tunings)
    for (const tid of threads.of(tuning.thread))
      try {
        tuneThread(host, tid, tuning, threadFiles);
      } catch (error) {
        throw located(error, tuning);
      }
}

/** Threads that cannot be bound as they are to be: none of their CPUs is online. Changes nothing. */
export function threadProblems(
  host: Pick<HostSystem, 'readText'>,
  tunings: readonly ThreadTuning[],
): readonly Diagnostic[] {
  const text = host.readText('/sys/devices/system/cpu/online')?.trim();
  if (text === undefined || text === '') return [];
  const online = new Set(readCpus(text));
  return tunings.flatMap(({ thread, cpus, from }) => {
    if (cpus === undefined || readCpus(cpus).some((cpu) => online.has(cpu))) return [];
    const params = { thread: nameOf(thread), what: `the CPUs '${cpus}'`, reason: `online are '${text}'` };
    return [{ ...from, ...diagnose(cgroupErrors['thread-refused'], params) }];
  });
}

function nameOf(thread: ThreadTuning['thread']): string {
  return thread.kind === 'emulator' ? 'the emulator' : `${thread.kind} ${thread.id}`;
}

function tuneThread(
  host: HostSystem,
  tid: number,
  { thread, cpus, scheduler, group, shares = [] }: ThreadTuning,
  threadFiles: ReadonlyMap<string, string>,
): void {
  const name = nameOf(thread);
  for (const entered of [...(group === undefined ? [] : [group]), ...shares]) {
    const file = threadFiles.get(entered);
    if (file !== undefined)
      attempt(name, `into the group of '${file}'`, () => host.overwrite(file, String(tid)));
  }
  if (cpus !== undefined) attempt(name, `the CPUs '${cpus}'`, () => host.bindThread(tid, readCpus(cpus)));
  if (scheduler === undefined) return;
  const { policy, priority = 0 } = scheduler;
  attempt(name, `the scheduler '${policy}' with priority '${priority}'`, () =>
    host.scheduleThread(tid, POLICIES[policy], priority),
  );
}

/** A thread that has ended meanwhile needs nothing. */
function attempt(thread: string, what: string, act: () => void): void {
  try {
    act();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ESRCH') return;
    throw fail(cgroupErrors['thread-refused'], { thread, what, reason: message }, { cause });
  }
}

function located(error: unknown, { from }: ThreadTuning): unknown {
  return error instanceof QdomError
    ? new QdomError(
        error.diagnostics.map((d) => ({ ...from, ...d })),
        { cause: error.cause },
      )
    : error;
}

async function findThreads(host: HostSystem, monitor: QmpClient, qemuPid: number) {
  const options = { timeoutMs: COMMAND_TIMEOUT_MS };
  const cpus = await monitor.execute('query-cpus-fast', undefined, options);
  const iothreads = await monitor.execute('query-iothreads', undefined, options);
  const vcpus = new Map(cpus.map((cpu) => [cpu['cpu-index'], cpu['thread-id']]));
  const named = new Map(
    iothreads.map((thread) => [Number(IOTHREAD.exec(thread.id)?.[1]), thread['thread-id']]),
  );
  const special = new Set([...vcpus.values(), ...iothreads.map((thread) => thread['thread-id'])]);
  const others = host
    .listDirectory(`/proc/${qemuPid}/task`)
    .map(Number)
    .filter((tid) => !special.has(tid));
  return {
    of: (thread: ThreadTuning['thread']): readonly number[] => {
      if (thread.kind === 'emulator') return others;
      const tid = (thread.kind === 'vcpu' ? vcpus : named).get(thread.id);
      return tid === undefined ? [] : [tid];
    },
  };
}

/** `0-3,8` as the compiler writes it. */
function readCpus(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
