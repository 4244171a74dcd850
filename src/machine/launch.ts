import { dirname } from 'node:path';
import { fail, messageOf, QdomError, Secret } from '../errors/index.ts';
import { giveToQemu, ownUser } from '../host/credentials.ts';
import { unlessCode } from '../host/directories.ts';
import { realise, withUndoFailures } from '../host/realise.ts';
import type { HostSystem } from '../host/system.ts';
import { type FdPrinter, type Plan, printArgv, QMP_LISTENER_FD, type QmpCall } from '../plan/index.ts';
import type { QmpClient } from '../qmp/client.ts';
import { QmpError } from '../qmp/errors.ts';
import { blame } from './blame.ts';
import type { MachineContext } from './context.ts';
import { abandon, awaitExit, lastWords, readExit } from './end.ts';
import { machineErrors } from './errors.ts';
import { type FdGroups, withDescriptors } from './fd-groups.ts';
import { type MachineFiles, machineFiles } from './files.ts';
import { ensureDirectory, withPermission } from './host-files.ts';
import { userOfImage } from './image-lock.ts';
import { COMMAND_TIMEOUT_MS, connectMonitor } from './monitor.ts';
import { ownersFor } from './owners.ts';
import { planToJson } from './plan-file.ts';
import { isDefined } from './require.ts';
import { withSecrets } from './secrets/resolve.ts';
import { aliveProcess, type MachineState, newState, writeState } from './state.ts';
import { cleanEnvironment, FIRST_FD, supervisorScript, supervisorShell } from './supervisor.ts';
import { threadProblems, tuneThreads } from './threads.ts';
import { noteTpm } from './tpm-state.ts';
import { claimUuid } from './uuid.ts';

/** How long QEMU may take from its start to its first word; memory that is allocated beforehand takes long. */
export const START_TIMEOUT_MS = 60_000;

export interface LaunchOptions {
  readonly paused: boolean;
  /** As of the process that this one follows. */
  readonly keepTpm?: true | undefined;
  /** QEMU's standard input and output are ours. */
  readonly terminal: boolean;
  readonly timeoutMs: number;
  readonly fdGroups?: FdGroups | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Prepares the host and starts QEMU, the lock being held and nothing of the machine being there. When anything fails,
 * QEMU is ended, the host is as before, and the error is QEMU's own where it gave one.
 * @throws QdomError `machine/uuid-taken` and what `startMachine` names
 */
export async function launch(
  cx: MachineContext,
  plan: Plan,
  options: LaunchOptions,
): Promise<{ readonly pid: number }> {
  const files = machineFiles(cx.directories, plan.name);
  if (cx.host.status(plan.binary)?.kind !== 'file')
    throw fail(machineErrors['qemu-missing'], { binary: plan.binary });
  const problems = threadProblems(cx.host, plan.threads);
  if (problems.length > 0) throw new QdomError(problems);
  // Nothing is there to be abandoned before the UUID is this machine's: another one's would go.
  const state = await claimUuid(cx, plan, () =>
    orAbandon(cx, plan, async () => prepare(cx, files, plan, options)),
  );
  return orAbandon(cx, plan, async () => {
    if (!isDefined(cx, plan.name) && !options.keepTpm) noteTpm(cx, plan.name, plan);
    const spawned = await spawnQemu(cx, files, plan, options);
    try {
      return await bringUp(cx, files, { plan, options, state, ...spawned });
    } finally {
      cx.host.closeDescriptor(spawned.fifo);
    }
  });
}

/** Runs a part of the start; what is there of the machine goes when it fails. */
async function orAbandon<T>(cx: MachineContext, { name }: Plan, part: () => Promise<T>): Promise<T> {
  try {
    return await part();
  } catch (error) {
    throw withUndoFailures(asQdomError(error), await abandon(cx, name));
  }
}

function prepare(
  { host }: MachineContext,
  files: MachineFiles,
  plan: Plan,
  { keepTpm }: LaunchOptions,
): MachineState {
  ensureDirectory(host, dirname(files.directory));
  const state = newState(host, { name: plan.name, uuid: plan.uuid, ...(keepTpm && { keepTpm }) });
  withPermission(files.directory, 'make', () => host.makeDirectory(files.directory, 0o700));
  writeState(host, files, state);
  host.overwrite(files.plan, planToJson(plan));
  host.overwrite(files.liveXml, plan.liveXml ?? plan.domainXml);
  return state;
}

interface Spawned {
  readonly printFd: FdPrinter;
  readonly threadFiles: ReadonlyMap<string, string>;
  readonly readOnce: readonly string[];
  readonly emptied: readonly string[];
  /** Holds the flight recorder's FIFO, and with it what QEMU is to read, until QEMU has opened it. */
  readonly fifo: number;
}

async function spawnQemu(
  { host, directories, reapCommand }: MachineContext,
  files: MachineFiles,
  plan: Plan,
  { terminal, fdGroups, signal }: LaunchOptions,
): Promise<Spawned> {
  const requirements = withDescriptors(withSecrets({ host, directories }, plan.host), fdGroups);
  const realised = await realise(
    requirements,
    host,
    files.journal,
    ownersFor({ host, directories }, plan.name),
  );
  const opened: number[] = [];
  try {
    signal?.throwIfAborted();
    host.overwrite(files.eventsOut, '');
    host.makeFifo(files.eventsIn, 0o600);
    host.makeDirectory(files.home, 0o700);
    for (const path of [files.eventsOut, files.eventsIn, files.home]) giveToQemu(path, realised.qemu, host);
    const listener = host.listenUnix(files.qmpSocket);
    opened.push(listener);
    const printFd = descriptorPrinter([QMP_LISTENER_FD, ...realised.fds.keys()]);
    const qemu = [plan.binary, ...printArgv(plan.options, printFd)];
    host.overwrite(files.argv, qemu.map((word) => `${word}\n`).join(''));
    const fifo = host.fillFifo(files.eventsIn, '{"execute":"qmp_capabilities"}\n');
    const fds = [listener, ...realised.fds.values(), ...(terminal ? [STDIN, STDOUT] : [])];
    const reap = reapCommand.length === 0 ? [] : [...reapCommand, '--', plan.name];
    const script = supervisorScript(fds.length, realised.cgroups, terminal ? lastTwo(fds.length) : undefined);
    host.spawnDetached({
      program: supervisorShell(host, fds.length),
      args: ['-c', script, `qdom:${plan.name}`, String(reap.length), ...reap, ...realised.wrapper, ...qemu],
      cwd: files.directory,
      env: { ...environmentOf(host, files), ...plan.environment },
      log: files.qemuLog,
      fds,
    });
    const { threadFiles, readOnce, emptied } = realised;
    return { printFd, fifo, threadFiles, readOnce, emptied };
  } finally {
    for (const fd of opened) host.closeDescriptor(fd);
    realised.closeDescriptors();
  }
}

function environmentOf(host: HostSystem, { home }: MachineFiles): Record<string, string> {
  return cleanEnvironment(process.env, { home, isRoot: ownUser(host) === 0 });
}

const STDIN = 0;
const STDOUT = 1;

function lastTwo(fdCount: number) {
  return { input: FIRST_FD + fdCount - 2, output: FIRST_FD + fdCount - 1 };
}

/** Descriptors are passed on as 3, 4, … in this order. */
function descriptorPrinter(names: readonly string[]): FdPrinter {
  return ({ fd }) => {
    const index = names.indexOf(fd);
    if (index < 0) throw new RangeError(`nothing opens the descriptor '${fd}'`);
    return String(FIRST_FD + index);
  };
}

interface Launch {
  readonly plan: Plan;
  readonly options: LaunchOptions;
  readonly state: MachineState;
  readonly printFd: FdPrinter;
  readonly threadFiles: ReadonlyMap<string, string>;
  readonly readOnce: readonly string[];
  readonly emptied: readonly string[];
}

/** From QEMU's first word to the guest's first instruction. */
async function bringUp(cx: MachineContext, files: MachineFiles, launch: Launch): Promise<{ pid: number }> {
  const { plan, options, state } = launch;
  const monitor = await firstWord(cx, files, launch);
  try {
    for (const call of plan.afterStart)
      await monitor.call(call.execute, revealed(call.arguments), { timeoutMs: COMMAND_TIMEOUT_MS });
    for (const path of launch.readOnce) unlessCode('ENOENT', () => cx.host.removeFile(path));
    const qemu = aliveProcess(cx.host, files.qemuStat);
    if (qemu === undefined) throw await explainEnd(cx, files, launch);
    await tuneThreads(cx.host, monitor, qemu.pid, plan.threads, launch.threadFiles);
    for (const path of launch.emptied) cx.host.overwrite(path, '');
    options.signal?.throwIfAborted();
    // Before the guest runs: a guest that has run is never rolled back.
    writeState(cx.host, files, { ...state, phase: 'running' });
    if (!options.paused && !awaitsMigration(plan)) await monitor.call('cont');
    return { pid: qemu.pid };
  } finally {
    await monitor.close();
  }
}

function revealed(given: QmpCall['arguments']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([k, v]) => [k, v instanceof Secret ? v.reveal() : v]),
  );
}

async function firstWord(cx: MachineContext, files: MachineFiles, launch: Launch): Promise<QmpClient> {
  const { timeoutMs, signal } = launch.options;
  try {
    return await connectMonitor(files.qmpSocket, timeoutMs, signal);
  } catch (error) {
    if (!(error instanceof QmpError) || signal?.aborted) throw error;
    if (await awaitExit(cx.host, files, EXIT_TIMEOUT_MS)) throw await explainEnd(cx, files, launch);
    const said = lastWords(cx.host, files) ?? '';
    throw fail(machineErrors['qemu-silent'], { name: launch.plan.name, timeoutMs, said }, { cause: error });
  }
}

/** How long an ending QEMU may take from closing its monitor to its exit status. */
const EXIT_TIMEOUT_MS = 10_000;

async function explainEnd(
  { host }: MachineContext,
  files: MachineFiles,
  { plan, printFd }: Launch,
): Promise<QdomError> {
  await awaitExit(host, files, EXIT_TIMEOUT_MS);
  return blame(plan, host.readText(files.qemuLog) ?? '', {
    status: readExit(host, files)?.status,
    printFd,
    userOf: (image) => userOfImage(host, image),
  });
}

function awaitsMigration(plan: Plan): boolean {
  return plan.options.some(({ option }) => option === '-incoming');
}

function asQdomError(error: unknown): QdomError {
  if (error instanceof QdomError) return error;
  const reason = messageOf(error);
  return fail(machineErrors['start-failed'], { reason }, { cause: error });
}
