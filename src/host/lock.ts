import { fail } from '../errors/index.ts';
import { hostErrors } from './errors.ts';
import type { HostSystem } from './system.ts';
import { waitUntil } from './wait.ts';

/**
 * Tries to take a lock until it is had.
 * @param tryLock gives its descriptor, undefined where somebody else has it
 * @returns the descriptor, which whoever asked closes; undefined if it was not had within `timeoutMs`
 */
export async function takeLock(
  tryLock: () => number | undefined,
  timeoutMs: number,
): Promise<number | undefined> {
  let fd: number | undefined;
  await waitUntil(() => {
    fd = tryLock();
    return fd !== undefined;
  }, timeoutMs);
  return fd;
}

/**
 * Runs `body` while nobody else holds the lock (flock) of a file or directory.
 * @throws QdomError `host/locked` when another has not given it back within `timeoutMs`
 */
export async function withFileLock<T>(
  host: HostSystem,
  path: string,
  timeoutMs: number,
  body: () => T | Promise<T>,
): Promise<T> {
  const fd = await takeLock(() => host.tryLock(path), timeoutMs);
  if (fd === undefined) throw fail(hostErrors.locked, { path, timeoutMs });
  try {
    return await body();
  } finally {
    host.closeDescriptor(fd);
  }
}
