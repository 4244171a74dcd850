import { fail } from '../errors/index.ts';
import { waitForEnd } from '../host/process.ts';
import { QmpConnectionLostError } from '../qmp/errors.ts';
import { GuestAgent } from '../qmp/guest-agent.ts';
import { agentSocket } from './agent-socket.ts';
import { runningPlan } from './console.ts';
import type { Deadline, MachineContext } from './context.ts';
import { cleanUp, type MachineEnd } from './end.ts';
import { machineErrors } from './errors.ts';
import { machineFiles } from './files.ts';
import { LOCK_TIMEOUT_MS, withLock } from './lock.ts';
import { COMMAND_TIMEOUT_MS, connectMonitor, connectSocket, withMonitor } from './monitor.ts';
import { checkName } from './names.ts';
import { notRunning, requireAlive } from './require.ts';
import { cleanUpAndRestart } from './start.ts';
import { type Intent, observe, writeState } from './state.ts';

export interface ShutdownOptions extends Deadline {
  /** Presses the power button, or asks the agent in the guest; `acpi` unless given. */
  readonly mode?: 'acpi' | 'agent';
}

/**
 * Asks the guest to power off; it may take its time or refuse.
 * @throws QdomError as all of these: `machine/not-found`, `machine/not-running`, `machine/monitor-unreachable`, `qmp/…`.
 */
export async function shutdownMachine(cx: MachineContext, name: string, options: ShutdownOptions = {}) {
  await withLock(cx, name, 'shutdown', LOCK_TIMEOUT_MS, async () => {
    // A guest that did not listen to a reboot is not started again when it listens to this.
    note(cx, name, undefined);
    if (options.mode === 'agent') await askAgent(cx, name, 'powerdown', options);
    else await command(cx, name, 'system_powerdown', options);
  });
}

/** Asks the guest to reboot: by its agent, or by a power-off after which the machine is started again. */
export async function rebootMachine(cx: MachineContext, name: string, options: ShutdownOptions = {}) {
  if (options.mode === 'agent') return askAgent(cx, name, 'reboot', options);
  await withLock(cx, name, 'reboot', LOCK_TIMEOUT_MS, async () => {
    note(cx, name, 'reboot');
    await command(cx, name, 'system_powerdown', options);
  });
}

/** As the reset button. */
export async function resetMachine(cx: MachineContext, name: string, deadline: Deadline = {}) {
  await command(cx, name, 'system_reset', deadline);
}

/** Stops the virtual CPUs. */
export async function suspendMachine(cx: MachineContext, name: string, deadline: Deadline = {}) {
  await command(cx, name, 'stop', deadline);
}

/** Lets the virtual CPUs run on. */
export async function resumeMachine(cx: MachineContext, name: string, deadline: Deadline = {}) {
  await command(cx, name, 'cont', deadline);
}

/**
 * Executes any QMP command, out of band if asked for, and gives what it returned.
 * @throws QdomError `qmp/…`, with QEMU's own words if it refused.
 */
export async function qmpCommand(
  cx: MachineContext,
  name: string,
  command: string,
  args?: Readonly<Record<string, unknown>>,
  { timeoutMs = COMMAND_TIMEOUT_MS, oob = false }: Deadline & { readonly oob?: boolean } = {},
): Promise<unknown> {
  return withMonitor(cx, name, timeoutMs, (monitor) => monitor.call(command, args, { timeoutMs, oob }));
}

export interface DestroyOptions extends Deadline {
  /** Never SIGKILL: a QEMU that does not end by itself is an error. */
  readonly graceful?: boolean;
}

const QUIT_TIMEOUT_MS = 10_000;
const KILL_TIMEOUT_MS = 10_000;

/**
 * Ends the machine at once: QMP `quit`, SIGTERM if the monitor does not answer, SIGKILL when `timeoutMs` have passed
 * (unless graceful), and cleans up after it.
 * @returns how it ended; undefined if it never ran
 * @throws QdomError `machine/still-alive` if it cannot be ended, `machine/not-cleaned-up`.
 */
export async function destroyMachine(
  cx: MachineContext,
  name: string,
  { graceful = false, timeoutMs = QUIT_TIMEOUT_MS }: DestroyOptions = {},
): Promise<MachineEnd | undefined> {
  checkName(name);
  return withLock(cx, name, 'destroy', LOCK_TIMEOUT_MS, async () => {
    const seen = observe(cx.host, machineFiles(cx.directories, name));
    if (seen.kind === 'absent') throw notRunning(cx, name);
    if (seen.kind === 'alive') {
      note(cx, name, 'destroy');
      if (!(await quit(cx, name, seen.qemu, timeoutMs))) await kill(cx, name, seen.qemu, graceful, timeoutMs);
    }
    return (await cleanUp(cx, name))?.end;
  });
}

type Qemu = { readonly pid: number; readonly startTime: number };

async function quit(cx: MachineContext, name: string, qemu: Qemu, timeoutMs: number): Promise<boolean> {
  const started = performance.now();
  try {
    const monitor = await connectMonitor(machineFiles(cx.directories, name).qmpSocket, timeoutMs / 2);
    try {
      await monitor.call('quit', undefined, { timeoutMs: timeoutMs / 2 }).catch(ignoreLostConnection);
    } finally {
      await monitor.close();
    }
  } catch {
    cx.host.signal(qemu.pid, 'SIGTERM');
  }
  return waitForEnd(cx.host, qemu, Math.max(0, timeoutMs - (performance.now() - started)));
}

async function kill(cx: MachineContext, name: string, qemu: Qemu, graceful: boolean, timeoutMs: number) {
  if (graceful) throw fail(machineErrors['still-alive'], { name, pid: qemu.pid, timeoutMs });
  cx.host.signal(qemu.pid, 'SIGKILL');
  if (!(await waitForEnd(cx.host, qemu, KILL_TIMEOUT_MS)))
    throw fail(machineErrors['still-alive'], { name, pid: qemu.pid, timeoutMs: KILL_TIMEOUT_MS });
}

/** QEMU may be gone before its answer is. */
function ignoreLostConnection(error: unknown): void {
  if (!(error instanceof QmpConnectionLostError)) throw error;
}

/**
 * What the waiting shell runs after QEMU's end: cleans up, and starts the machine again where its domain asks for that.
 * @returns how it ended; undefined if there was nothing to do.
 */
export async function reapMachine(
  cx: MachineContext,
  name: string,
  { timeoutMs = REAP_TIMEOUT_MS }: Deadline = {},
) {
  checkName(name);
  // Whoever ended it has cleaned up; nothing is to be made for it, not even a lock.
  if (observe(cx.host, machineFiles(cx.directories, name)).kind === 'absent') return undefined;
  return withLock(cx, name, 'reap', timeoutMs, async () => (await cleanUpAndRestart(cx, name))?.end);
}

/** A start that is under way may take its time. */
const REAP_TIMEOUT_MS = 120_000;

async function command(
  cx: MachineContext,
  name: string,
  execute: string,
  { timeoutMs = COMMAND_TIMEOUT_MS }: Deadline,
): Promise<void> {
  await withMonitor(cx, name, timeoutMs, (monitor) => monitor.call(execute, undefined, { timeoutMs }));
}

/** Notes what was asked of the machine last. */
function note(cx: MachineContext, name: string, intent: Intent | undefined): void {
  const { intent: before, ...state } = requireAlive(cx, name).state;
  if (intent !== before)
    writeState(cx.host, machineFiles(cx.directories, name), { ...state, ...(intent && { intent }) });
}

/** Its answer never comes: the guest is gone before it, or says that it will not. */
async function askAgent(
  cx: MachineContext,
  name: string,
  mode: 'powerdown' | 'reboot',
  { timeoutMs = COMMAND_TIMEOUT_MS }: Deadline,
): Promise<void> {
  requireAlive(cx, name);
  const path = agentSocket(runningPlan(cx, name));
  if (path === undefined) throw fail(machineErrors['no-agent'], { name });
  const stream = connectSocket(path);
  const agent = await GuestAgent.connect(
    { stream, name: `the agent in the guest of '${name}'` },
    { timeoutMs },
  );
  try {
    await agent.notify('guest-shutdown', { mode }, { timeoutMs });
  } finally {
    await agent.close();
  }
}
