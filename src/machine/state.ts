import { basename } from 'node:path';
import { isAlive, type ProcessIdentity, parseStat } from '../host/process.ts';
import type { HostSystem } from '../host/system.ts';
import type { MachineFiles } from './files.ts';
import { uuidOf } from './names.ts';

const SCHEMA_VERSION = 1;

/** What somebody has asked of a machine that its end must be judged by. */
export type Intent = 'destroy' | 'reboot';

/** `state.json`: what cannot be seen in /proc or asked over QMP. */
export interface MachineState {
  readonly schema: typeof SCHEMA_VERSION;
  readonly name: string;
  readonly uuid: string;
  /** `starting` until the guest's first instruction was allowed: such a machine is rolled back, never kept. */
  readonly phase: 'starting' | 'running';
  /** The state of its TPM outlives it although it is not defined: it was undefined so while it ran. */
  readonly keepTpm?: true;
  /** Of the boot in which it was started: pids of another boot say nothing. */
  readonly bootId: string;
  /** ISO 8601; absent if the file that says so is damaged. */
  readonly startedAt?: string;
  readonly intent?: Intent;
}

export function newState(
  host: HostSystem,
  machine: Pick<MachineState, 'name' | 'uuid' | 'keepTpm'>,
): MachineState {
  return {
    schema: SCHEMA_VERSION,
    ...machine,
    phase: 'starting',
    bootId: bootId(host),
    startedAt: new Date().toISOString(),
  };
}

export function writeState(host: HostSystem, files: MachineFiles, state: MachineState): void {
  host.writeFile(files.state, `${JSON.stringify(state)}\n`, 0o600);
}

/** Undefined if there is none: a start was killed before it wrote it. */
export function readState(host: HostSystem, files: MachineFiles): MachineState | undefined {
  const text = host.readText(files.state);
  return text === undefined ? undefined : (parseState(text) ?? recovered(host, files));
}

function parseState(text: string): MachineState | undefined {
  try {
    const state = JSON.parse(text) as MachineState;
    const words = [state.name, state.uuid, state.bootId];
    const isWhole = words.every((word) => typeof word === 'string') && PHASES.includes(state.phase);
    return state.schema === SCHEMA_VERSION && isWhole ? state : undefined;
  } catch {
    return undefined;
  }
}

const PHASES: readonly unknown[] = ['starting', 'running'] satisfies MachineState['phase'][];

/**
 * What stands in for a file that is damaged, or another version's. It is replaced as a whole, so that no killed start leaves
 * half of one: the guest may have run, and is not taken for a start to be rolled back.
 */
function recovered(host: HostSystem, files: MachineFiles): MachineState {
  const name = basename(files.directory);
  const uuid = uuidOf(host.readText(files.liveXml) ?? '');
  return { schema: SCHEMA_VERSION, name, uuid, phase: 'running', bootId: bootId(host) };
}

/**
 * What is really there, derived from /proc and the files, never believed:
 * `absent`, or a run directory with a process (`alive`) or without (`dead`); `unfinished` is a start that did not
 * come to its end, its QEMU alive or not.
 */
export type Observation =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unfinished'; readonly qemu?: ProcessIdentity; readonly state?: MachineState }
  | { readonly kind: 'dead'; readonly state: MachineState }
  | { readonly kind: 'alive'; readonly qemu: ProcessIdentity; readonly state: MachineState };

export function observe(host: HostSystem, files: MachineFiles): Observation {
  if (host.status(files.directory) === undefined) return { kind: 'absent' };
  const state = readState(host, files);
  const qemu =
    state === undefined || state.bootId === bootId(host) ? aliveProcess(host, files.qemuStat) : undefined;
  if (state === undefined) return { kind: 'unfinished', ...(qemu && { qemu }) };
  if (state.phase === 'starting') return { kind: 'unfinished', state, ...(qemu && { qemu }) };
  return qemu === undefined ? { kind: 'dead', state } : { kind: 'alive', qemu, state };
}

/** The process that wrote its own stat into the file, if it lives. */
export function aliveProcess(host: HostSystem, statFile: string): ProcessIdentity | undefined {
  const stat = parseStat(host.readText(statFile));
  return stat !== undefined && isAlive(host, stat) ? { pid: stat.pid, startTime: stat.startTime } : undefined;
}

function bootId(host: HostSystem): string {
  return (host.readText('/proc/sys/kernel/random/boot_id') ?? '').trim();
}
