import { fail, QdomError } from '../errors/index.ts';
import { makeDirectories, missingDirectories } from '../host/directories.ts';
import type { HostSystem } from '../host/system.ts';
import { machineErrors } from './errors.ts';

/**
 * Makes a directory of ours and its parents, for nobody else to read.
 * @throws QdomError `machine/no-permission`.
 */
export function ensureDirectory(host: HostSystem, path: string): void {
  withPermission(path, 'make', () => makeDirectories(missingDirectories(path, host), host));
}

/** Runs `act`, whose refusal by the kernel becomes an error that names the path. */
export function withPermission<T>(path: string, act: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw permissionError(error, path, act) ?? error;
  }
}

function permissionError(error: unknown, path: string, act: string): QdomError | undefined {
  const { code, path: refused } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof QdomError) return undefined;
  const where = { path: refused ?? path, act };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return fail(machineErrors['no-permission'], where, { cause: error });
  const problem = (error as Error).message.split(',', 1)[0] ?? code;
  return fail(machineErrors['directory-refused'], { ...where, problem }, { cause: error });
}
