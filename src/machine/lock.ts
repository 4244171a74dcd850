import { dirname } from 'node:path';
import { fail } from '../errors/index.ts';
import { takeLock } from '../host/lock.ts';
import { identify, isAlive, type ProcessIdentity } from '../host/process.ts';
import type { MachineContext } from './context.ts';
import { machineErrors } from './errors.ts';
import { lockFile } from './files.ts';
import { ensureDirectory, withPermission } from './host-files.ts';

/** How long an operation waits for another that has the machine, unless it says otherwise. */
export const LOCK_TIMEOUT_MS = 30_000;

/** Who has the lock, for the message; the kernel's lock is what counts, so a killed holder blocks nobody. */
interface Holder extends ProcessIdentity {
  readonly operation: string;
}

/**
 * Runs `body` while no other operation changes the machine.
 * @throws QdomError `machine/busy` when another has not given it back within `timeoutMs`.
 */
export async function withLock<T>(
  cx: MachineContext,
  name: string,
  operation: string,
  timeoutMs: number,
  body: () => Promise<T>,
): Promise<T> {
  const path = lockFile(cx.directories, name);
  ensureDirectory(cx.host, dirname(path));
  const fd = await takeLock(() => withPermission(path, 'lock', () => cx.host.tryLock(path)), timeoutMs);
  if (fd === undefined) throw busy(cx, name, path, timeoutMs);
  try {
    noteHolder(cx, path, operation);
    return await body();
  } finally {
    cx.host.closeDescriptor(fd);
  }
}

function noteHolder({ host }: MachineContext, path: string, operation: string): void {
  const self = identify(host, process.pid);
  host.overwrite(path, `${JSON.stringify({ ...self, operation })}\n`);
}

/**
 * Takes a lock that is kept as long as its descriptor is open.
 * @returns the descriptor, or the process that has it already, in words
 */
export function holdLock(cx: MachineContext, path: string, operation: string): number | string {
  const fd = cx.host.tryLock(path);
  if (fd === undefined) return holderOf(cx, path);
  try {
    noteHolder(cx, path, operation);
  } catch {
    // A full disk: the lock holds without its holder's name.
  }
  return fd;
}

function busy(cx: MachineContext, name: string, path: string, timeoutMs: number) {
  return fail(machineErrors.busy, { name, who: holderOf(cx, path), timeoutMs });
}

function holderOf({ host }: MachineContext, path: string): string {
  const holder = readHolder(host.readText(path));
  const isKnown = holder !== undefined && isAlive(host, holder);
  return isKnown ? `'${holder.operation}' by process ${holder.pid}` : 'another operation';
}

function readHolder(text: string | undefined): Holder | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Holder);
  } catch {
    return undefined;
  }
}
