import { fail, messageOf } from '../errors/index.ts';
import type { Plan } from '../plan/index.ts';
import type { Deadline, MachineContext } from './context.ts';
import { type Concluded, cleanUp, type MachineEnd, noteEnd } from './end.ts';
import { machineErrors } from './errors.ts';
import type { FdGroups } from './fd-groups.ts';
import { machineFiles } from './files.ts';
import { launch, START_TIMEOUT_MS } from './launch.ts';
import { LOCK_TIMEOUT_MS, withLock } from './lock.ts';
import { reapMdevs } from './mdevs/active.ts';
import { checkName } from './names.ts';
import { giveBackFiles } from './owners.ts';
import { observe } from './state.ts';

export interface StartOptions extends Deadline {
  /** Stay before the guest's first instruction; `resumeMachine` goes on. */
  readonly paused?: boolean;
  /** QEMU's standard input and output are this process's, for a console on `stdio`. */
  readonly terminal?: boolean;
  /** For disks with `<source fdgroup=…>`. */
  readonly fdGroups?: FdGroups | undefined;
  /** Takes the start back, until the guest's first instruction. */
  readonly signal?: AbortSignal | undefined;
}

export interface StartedMachine {
  readonly name: string;
  readonly uuid: string;
  readonly pid: number;
  readonly accel: Plan['accel'];
}

/**
 * Starts the machine of a plan that was compiled with `runDirectory(directories, name)`. What an earlier run has left is
 * cleaned up before. On failure nothing is left.
 * @throws QdomError `machine/already-running`, `machine/uuid-taken`, `machine/busy`, `machine/qemu-refused` (QEMU's own words, with the place in
 *   the XML), `machine/qemu-silent`, `machine/qemu-missing`, `host/…` for what the host cannot give.
 */
export async function startMachine(
  cx: MachineContext,
  plan: Plan,
  { paused = false, terminal = false, timeoutMs = START_TIMEOUT_MS, fdGroups, signal }: StartOptions = {},
): Promise<StartedMachine> {
  checkName(plan.name);
  checkLifecycle(plan);
  return withLock(cx, plan.name, 'start', LOCK_TIMEOUT_MS, async () => {
    await cleanUp(cx, plan.name);
    // One that cannot be given back keeps no other machine from starting: doctor and reap tell of it.
    await giveBackFiles(cx);
    await reapMdevs(cx);
    if (observe(cx.host, machineFiles(cx.directories, plan.name)).kind !== 'absent')
      throw fail(machineErrors['already-running'], { name: plan.name });
    const { pid } = await launch(cx, plan, { paused, terminal, timeoutMs, fdGroups, signal });
    return { name: plan.name, uuid: plan.uuid, pid, accel: plan.accel };
  });
}

/**
 * Cleans up after this machine, and starts it again if it ended in a way for which its domain asks that. The lock
 * must be held.
 */
export async function cleanUpAndRestart(cx: MachineContext, name: string): Promise<Concluded | undefined> {
  const concluded = await cleanUp(cx, name);
  if (!concluded?.restart || concluded.plan === undefined) return concluded;
  const options = { paused: false, terminal: false, timeoutMs: START_TIMEOUT_MS };
  try {
    await launch(cx, concluded.plan, { ...options, keepTpm: concluded.state.keepTpm });
  } catch (error) {
    // Whoever runs this may have nobody to tell it to.
    noteRestartError(cx, name, { ...concluded.end, restartError: messageOf(error) });
    throw error;
  }
  return concluded;
}

function noteRestartError(cx: MachineContext, name: string, end: MachineEnd): void {
  try {
    noteEnd(cx, name, end);
  } catch {
    // Why the machine did not start is the error to tell.
  }
}

function checkLifecycle({ lifecycle: { onCrash, onCrashFrom: where = {} } }: Plan): void {
  if (onCrash === 'coredump-destroy' || onCrash === 'coredump-restart')
    throw fail(machineErrors['coredump-policy'], { policy: onCrash }, { where });
}
