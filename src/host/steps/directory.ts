import { dirname, join } from 'node:path';
import { fail } from '../../errors/index.ts';
import type { DirectoryRequirement } from '../../plan/index.ts';
import { checkTheWay, giveToQemu, openTheWay } from '../credentials.ts';
import { hostErrors } from '../errors.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep } from './step.ts';

export interface DirectoryRecord {
  /** The directories that were not there, outermost first. */
  readonly made: readonly string[];
  /** The directory whose files go with the machine. */
  readonly emptied?: string;
  readonly [key: string]: unknown;
}

const DIRECTORY_MODE = 0o700;

/** A directory for QEMU's sockets. QEMU's own sockets in it go with it; any other file keeps it. */
export const directoryStep: HostStep<DirectoryRequirement, DirectoryRecord> = {
  type: 'directory',

  describe: ({ path, contents }) => ({
    act: `make the directory '${path}' if it is not there`,
    undo:
      contents === 'removed'
        ? 'removed with what QEMU made in it'
        : 'removed with the sockets in it if it was made; kept if it holds anything else',
  }),

  async check({ path, within }, host, _all, _owners, qemu) {
    checkDirectory(path, host);
    checkTheWay(path, qemu, host, within);
  },

  async intend({ path, contents }, host) {
    return { made: missingDirectories(path, host), ...(contents === 'removed' && { emptied: path }) };
  },

  async apply({ path, within }, intent, host, { qemu }) {
    makeDirectories(intent.made, host);
    if (qemu === undefined) return intent;
    for (const outermost of [within, intent.made[0]]) openTheWay(path, outermost, host);
    if (intent.made.includes(path)) giveToQemu(path, qemu, host);
    return intent;
  },

  async undo({ made, emptied }, host) {
    if (emptied !== undefined) removeContents(emptied, made, host);
    removeDirectories(made, host);
  },
};

/** One that was there before stays. */
function removeContents(path: string, made: readonly string[], host: HostSystem): void {
  const gone = made.includes(path) ? [path] : host.listDirectory(path).map((name) => join(path, name));
  for (const one of gone) host.removeTree(one);
}

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
