import { dirname, join } from 'node:path';
import { fail } from '../errors/index.ts';
import { hostErrors } from './errors.ts';
import type { HostSystem } from './system.ts';

const DIRECTORY_MODE = 0o700;

/** @throws QdomError `host/directory-blocked`. */
export function checkDirectory(path: string, host: HostSystem): void {
  const missing = new Set(missingDirectories(path, host));
  for (let at = path; at !== '/' && at !== '.'; at = dirname(at))
    if (!missing.has(at) && host.status(at)?.kind !== 'directory')
      throw fail(hostErrors['directory-blocked'], { path: at });
}

/** Of `path` and its parents those that are not there, outermost first. */
export function missingDirectories(path: string, host: HostSystem): string[] {
  const missing: string[] = [];
  for (let at = path; at !== '/' && at !== '.' && host.status(at) === undefined; at = dirname(at))
    missing.unshift(at);
  return missing;
}

export function makeDirectories(paths: readonly string[], host: HostSystem): void {
  for (const path of paths) unlessCode('EEXIST', () => host.makeDirectory(path, DIRECTORY_MODE));
}

/** Removes what is empty but for sockets, innermost first. */
export function removeDirectories(paths: readonly string[], host: HostSystem): void {
  for (const path of [...paths].reverse()) {
    if (host.status(path) === undefined) continue;
    for (const name of host.listDirectory(path))
      if (host.status(join(path, name))?.kind === 'socket')
        unlessCode('ENOENT', () => host.removeFile(join(path, name)));
    unlessCode('ENOTEMPTY', () => unlessCode('ENOENT', () => host.removeDirectory(path)));
  }
}

/** Runs `act`; an error with this code is as good as success. */
export function unlessCode(code: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  }
}
