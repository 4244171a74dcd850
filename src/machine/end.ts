import { type Diagnostic, diagnose, fail, messageOf, QdomError } from '../errors/index.ts';
import { unlessCode } from '../host/directories.ts';
import { parseStat, waitForEnd } from '../host/process.ts';
import { undoSteps } from '../host/realise.ts';
import type { HostSystem } from '../host/system.ts';
import { waitUntil } from '../host/wait.ts';
import type { Plan } from '../plan/index.ts';
import { stripProgram } from './blame.ts';
import type { MachineContext } from './context.ts';
import { machineErrors } from './errors.ts';
import { type EndedFiles, endedFiles, type MachineFiles, machineFiles } from './files.ts';
import { helperLogs } from './helpers.ts';
import { ensureDirectory } from './host-files.ts';
import { type EndReason, type Judgement, judge } from './judge.ts';
import { planFromJson } from './plan-file.ts';
import { parseRecord } from './record.ts';
import { isDefined } from './require.ts';
import { aliveProcess, type MachineState, observe } from './state.ts';
import { dropTpmNote, forgetTpm } from './tpm-state.ts';

/** How a machine ended: what stays readable after it. */
export interface MachineEnd {
  readonly reason: EndReason;
  /** QEMU's exit status, 128 and the signal's number if one ended it; absent if nobody saw it. */
  readonly exitStatus?: number;
  /** QEMU's last words, if it ended without being asked to. */
  readonly lastWords?: string;
  /** Why it could not be started again, if its domain asked for that. */
  readonly restartError?: string;
  /** Why its record is not kept in the log directory, if so. */
  readonly recordError?: string;
  /** ISO 8601: when it was noticed. */
  readonly at: string;
}

/** What the waiting shell wrote at QEMU's end. */
export function readExit(host: HostSystem, files: MachineFiles): { readonly status: number } | undefined {
  try {
    const { status } = JSON.parse(host.readText(files.exit) ?? '') as { status: unknown };
    return typeof status === 'number' ? { status } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Waits until QEMU has ended and its exit status is written, or until nobody is left to write it.
 * @returns false if QEMU is still alive after `timeoutMs`.
 */
export async function awaitExit(host: HostSystem, files: MachineFiles, timeoutMs: number): Promise<boolean> {
  const ended = await waitUntil(
    () => readExit(host, files) !== undefined || aliveProcess(host, files.supervisorStat) === undefined,
    timeoutMs,
  );
  return ended && aliveProcess(host, files.qemuStat) === undefined;
}

const KILL_TIMEOUT_MS = 10_000;
const STATUS_TIMEOUT_MS = 10_000;

/**
 * Takes back an unfinished start: QEMU is killed, the host is as before, no trace stays.
 * @returns what could not be undone; then the run directory stays, for the next command.
 */
export async function abandon(cx: MachineContext, name: string): Promise<readonly Diagnostic[]> {
  const files = machineFiles(cx.directories, name);
  if (cx.host.status(files.directory) === undefined) return [];
  // From here on a shell that is only starting can no longer start QEMU.
  if (!cx.host.claim(files.qemuStat, '')) await killNoted(cx.host, files);
  await awaitExit(cx.host, files, STATUS_TIMEOUT_MS);
  const failures = await undoSteps(cx.host, files.journal, 'rollback');
  if (failures.length > 0) return failures;
  const plan = readPlan(cx.host, files);
  if (plan !== undefined) dropTpmNote(cx, plan);
  cx.host.removeTree(files.directory);
  return [];
}

const NOTE_TIMEOUT_MS = 1_000;

/** Kills the QEMU that has noted who it is, or is about to. */
async function killNoted(host: HostSystem, files: MachineFiles): Promise<void> {
  await waitUntil(() => parseStat(host.readText(files.qemuStat)) !== undefined, NOTE_TIMEOUT_MS);
  const seen = observe(host, files);
  if (seen.kind !== 'unfinished' || seen.qemu === undefined) return;
  host.signal(seen.qemu.pid, 'SIGKILL');
  await waitForEnd(host, seen.qemu, KILL_TIMEOUT_MS);
}

export interface Concluded extends Judgement {
  readonly end: MachineEnd;
  /** Absent if its file is damaged: then it is not started again. */
  readonly plan?: Plan;
  readonly state: MachineState;
}

/**
 * Ends what a dead machine has left, the lock being held: its end is judged and noted, the host is as before, its
 * record moves to the log directory.
 * @throws QdomError `machine/not-cleaned-up` with what is still there.
 */
async function conclude(cx: MachineContext, name: string, state: MachineState): Promise<Concluded> {
  const { host, directories } = cx;
  const files = machineFiles(directories, name);
  await awaitExit(host, files, STATUS_TIMEOUT_MS);
  const plan = readPlan(host, files);
  const events = parseRecord(host.readText(files.eventsOut) ?? '');
  const judgement = judge(events, plan?.lifecycle ?? END_FOR_GOOD, state.intent);
  const status = readExit(host, files)?.status;
  const said = judgement.reason === 'failed' ? lastWords(host, files) : undefined;
  const end: MachineEnd = {
    reason: judgement.reason,
    ...(status !== undefined && { exitStatus: status }),
    ...(said !== undefined && { lastWords: said }),
    at: new Date().toISOString(),
  };
  // Their logs go with them.
  const helpers = helperLogs(host, files);
  const failures = await undoSteps(host, files.journal, 'ended');
  const recordError = keepRecord(cx, name, end, helpers);
  if (failures.length > 0) {
    const [first] = failures;
    const refusal = fail(machineErrors['not-cleaned-up'], { name, reason: first?.message ?? '' });
    throw new QdomError([...refusal.diagnostics, ...failures]);
  }
  if (plan !== undefined) settleTpm(cx, plan, judgement, state);
  host.removeTree(files.directory);
  return {
    ...judgement,
    end: { ...end, ...(recordError !== undefined && { recordError }) },
    state,
    ...(plan && { plan }),
  };
}

/** While the run directory is there, so that whoever comes after a kill does it again. */
function settleTpm(cx: MachineContext, plan: Plan, { restart }: Judgement, state: MachineState): void {
  const goes = !restart && !isDefined(cx, plan.name) && state.keepTpm !== true;
  if (goes) forgetTpm(cx, plan);
  else dropTpmNote(cx, plan);
}

/** What a machine does whose plan cannot be read any more. */
const END_FOR_GOOD = { onPoweroff: 'destroy', onReboot: 'destroy', onCrash: 'destroy' } as const;

function readPlan(host: HostSystem, files: MachineFiles): Plan | undefined {
  try {
    return planFromJson(host.readText(files.plan) ?? '');
  } catch {
    return undefined;
  }
}

/** What QEMU has said last; undefined if it has not said anything. */
export function lastWords(host: HostSystem, files: MachineFiles): string | undefined {
  const last = (host.readText(files.qemuLog) ?? '').trim().split('\n').at(-1);
  return last === undefined || last === '' ? undefined : stripProgram(last);
}

/** A full disk keeps no machine from being cleaned up. @returns why its record is not kept, if so. */
function keepRecord(cx: MachineContext, name: string, end: MachineEnd, helpers: string): string | undefined {
  const { host, directories } = cx;
  try {
    archive(host, machineFiles(directories, name), endedFiles(directories, name), helpers);
    noteEnd(cx, name, end);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** What is to be said of a record that is not kept to whoever has ended the machine. */
export function tellLostRecord(name: string, end: MachineEnd | undefined): readonly Diagnostic[] {
  const reason = end?.recordError;
  return reason === undefined ? [] : [diagnose(machineErrors['record-lost'], { name, reason })];
}

function archive(host: HostSystem, files: MachineFiles, ended: EndedFiles, helpers: string): void {
  ensureDirectory(host, ended.directory);
  const keep = (from: string, to: string) => host.overwrite(to, host.readText(from) ?? '');
  keep(files.eventsOut, ended.events);
  keep(files.qemuLog, ended.qemuLog);
  keep(files.argv, ended.argv);
  if (helpers !== '') host.overwrite(ended.helpersLog, helpers);
  else unlessCode('ENOENT', () => host.removeFile(ended.helpersLog));
}

/** Notes how the machine ended. */
export function noteEnd({ host, directories }: MachineContext, name: string, end: MachineEnd): void {
  host.writeFile(endedFiles(directories, name).end, `${JSON.stringify(end)}\n`, 0o600);
}

/** How the machine of this name ended last; undefined if it never ran or its record is gone. */
export function lastEnd({ host, directories }: MachineContext, name: string): MachineEnd | undefined {
  try {
    return JSON.parse(host.readText(endedFiles(directories, name).end) ?? '') as MachineEnd;
  } catch {
    return undefined;
  }
}

/**
 * Brings order to what earlier commands left of this machine, the lock being held.
 * @returns the concluded machine if one had died.
 */
export async function cleanUp(cx: MachineContext, name: string): Promise<Concluded | undefined> {
  const files = machineFiles(cx.directories, name);
  const seen = observe(cx.host, files);
  if (seen.kind === 'dead') return conclude(cx, name, seen.state);
  if (seen.kind !== 'unfinished') return undefined;
  const failures = await abandon(cx, name);
  if (failures.length === 0) return undefined;
  const refusal = fail(machineErrors['not-cleaned-up'], { name, reason: failures[0]?.message ?? '' });
  throw new QdomError([...refusal.diagnostics, ...failures]);
}
