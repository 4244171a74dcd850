import { join } from 'node:path';
import { fail } from '../../errors/index.ts';
import { ownUser } from '../credentials.ts';
import { endHelper, type HelperRecord, helperLog, intendHelper, spawnNoted } from '../helper.ts';
import { isAlive, parseStat } from '../process.ts';
import { findProgram, requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import { waitUntil } from '../wait.ts';
import { cgroupErrors } from './errors.ts';
import type { Hierarchy } from './layout.ts';

/**
 * Where systemd runs the host, cgroups of version 2 are its own: it moves and ends what it does not know. A scope is what it
 * leaves to others (systemd: "Control Group APIs and Delegation"; org.freedesktop.systemd1(5), Delegate).
 */
export interface Scope {
  /** `qdom-guest.scope` */
  readonly unit: string;
  readonly slice: string;
  /** Its directory. */
  readonly path: string;
}

const DEFAULT_PARTITION = '/machine';

/** The scope that a machine gets in this hierarchy; undefined where systemd does not run it, or we may not ask for one. */
export function scopeOf(
  { version, mount }: Hierarchy,
  { name, partition = DEFAULT_PARTITION }: { readonly name: string; readonly partition?: string | undefined },
  host: HostSystem,
): Scope | undefined {
  const isSystemds = host.status('/run/systemd/system')?.kind === 'directory';
  if (version !== 2 || !isSystemds || ownUser(host) !== 0) return undefined;
  const names = partition.split('/').filter(Boolean).map(sliceWord);
  const slices = names.map((_, index) => `${names.slice(0, index + 1).join('-')}.slice`);
  const unit = `${escaped(name)}.scope`;
  return { unit, slice: slices.at(-1) ?? '-.slice', path: join(mount, ...slices, unit) };
}

/** A partition may be written as libvirt shows it (`/machine.slice`). */
function sliceWord(word: string): string {
  return escaped(word.replace(/\.slice$/, '')).replaceAll('-', '\\x2d');
}

/** systemd-escape(1): what a unit's name may not hold. */
function escaped(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[\w:.-]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

export interface ScopeRecord extends Scope {
  /** Keeps the scope until QEMU is in it: systemd removes an empty one. */
  readonly holder: HelperRecord;
}

/** @throws QdomError `host/program-missing`. */
export function checkScope(device: string, host: HostSystem): void {
  requireProgram(host, 'systemd-run', device);
}

/** `directory` is where the holder's note is. */
export function intendScope(scope: Scope, directory: string, device: string, host: HostSystem): ScopeRecord {
  const program = requireProgram(host, 'systemd-run', device);
  const socket = join(directory, `scope-${device}`);
  return { ...scope, holder: intendHelper({ device, program, socket }, host) };
}

const START_TIMEOUT_MS = 15_000;
/** Much longer than what follows until QEMU starts. */
const HOLD_SECONDS = 900;

/**
 * Has systemd make the scope.
 * @returns the process that keeps it; it has to leave for a group inside before controllers are turned on.
 * @throws QdomError `host/scope-failed` with what systemd said.
 */
export async function startScope(
  { unit, slice, path, holder }: ScopeRecord,
  host: HostSystem,
): Promise<number> {
  const options = ['--scope', '--quiet', '--collect', `--unit=${unit}`, `--slice=${slice}`];
  const note = spawnNoted(host, holder, [
    holder.program,
    ...options,
    ...['--property=Delegate=yes', `--description=qdom machine ${holder.device}`],
    ...['--', 'sleep', String(HOLD_SECONDS)],
  ]);
  const noted = () => parseStat(host.readText(note));
  const isInside = () => {
    const pid = noted()?.pid;
    return pid !== undefined && (host.readText(`/proc/${pid}/cgroup`) ?? '').trimEnd().endsWith(`/${unit}`);
  };
  const hasEnded = () => {
    const seen = noted();
    return seen !== undefined && !isAlive(host, seen);
  };
  await waitUntil(() => isInside() || hasEnded(), START_TIMEOUT_MS);
  const pid = noted()?.pid;
  if (pid !== undefined && isInside() && host.status(path) !== undefined) return pid;
  const said = helperLog(host, holder).trim().split('\n').at(-1) ?? '';
  const seen = hasEnded() ? `systemd-run ended: ${said}` : `it is not there after ${START_TIMEOUT_MS} ms`;
  throw fail(cgroupErrors['scope-failed'], {
    unit,
    path,
    reason: isInside() ? `there is no '${path}'` : seen,
  });
}

/** Ends who keeps it; before the groups inside are removed. */
export function endHolder({ holder }: ScopeRecord, host: HostSystem): Promise<void> {
  return endHelper(host, holder);
}

const GONE_TIMEOUT_MS = 5_000;

/** systemd removes a scope that is empty; one that it has not noticed is stopped. @throws QdomError `host/scope-failed`. */
export async function endScope({ unit, path }: ScopeRecord, host: HostSystem): Promise<void> {
  const isGone = () => host.status(path) === undefined;
  if (await waitUntil(isGone, GONE_TIMEOUT_MS)) return;
  const { stderr } = await host.run(findProgram(host, 'systemctl') ?? 'systemctl', ['stop', unit]);
  if (!(await waitUntil(isGone, GONE_TIMEOUT_MS)))
    throw fail(cgroupErrors['scope-failed'], { unit, path, reason: `it stays: ${stderr.trim()}` });
}
