import type { HostSystem } from './system.ts';
import { waitUntil } from './wait.ts';

/** A process that cannot be mistaken for another: pids come again, a pid with its start time does not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of `/proc/PID/stat`: clock ticks after boot (proc(5)). */
  readonly startTime: number;
}

interface ProcessStat extends ProcessIdentity {
  /** Field 3: `Z` is a zombie. */
  readonly state: string;
}

const START_TIME_FIELD = 22;
/** The fields after the command's name begin with the third. */
const FIRST_FIELD = 3;

/** The text of `/proc/PID/stat`; undefined if it is not whole. The command's name may hold anything. */
export function parseStat(text: string | undefined): ProcessStat | undefined {
  if (text === undefined || !text.includes('\n')) return undefined;
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const startTime = Number(fields[START_TIME_FIELD - FIRST_FIELD]);
  const state = fields[0];
  if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(startTime) || state === undefined) return undefined;
  return { pid, startTime, state };
}

export function identify(host: HostSystem, pid: number): ProcessIdentity | undefined {
  const stat = parseStat(host.readText(`/proc/${pid}/stat`));
  return stat === undefined ? undefined : { pid: stat.pid, startTime: stat.startTime };
}

/** Whether the very process still runs; a zombie does not. */
export function isAlive(host: HostSystem, process: ProcessIdentity): boolean {
  const stat = parseStat(host.readText(`/proc/${process.pid}/stat`));
  return stat !== undefined && stat.startTime === process.startTime && !'ZX'.includes(stat.state);
}

/** Waits until the process has ended; false when `timeoutMs` have passed. */
export async function waitForEnd(
  host: HostSystem,
  process: ProcessIdentity,
  timeoutMs: number,
): Promise<boolean> {
  return waitUntil(() => !isAlive(host, process), timeoutMs);
}
