import { join } from 'node:path';
import type { DirectoryRequirement } from '../../plan/index.ts';
import { checkTheWay, giveToQemu, openTheWay } from '../credentials.ts';
import { checkDirectory, makeDirectories, missingDirectories, removeDirectories } from '../directories.ts';
import type { HostSystem } from '../system.ts';
import { dropNote, noteTemporary } from '../temporary-files.ts';
import type { HostStep } from './step.ts';

export interface DirectoryRecord {
  /** The directories that were not there, outermost first. */
  readonly made: readonly string[];
  /** The directory whose files go with the machine. */
  readonly emptied?: string;
  /** Where it is noted for after a power cut. */
  readonly records?: string;
  readonly [key: string]: unknown;
}

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

  async intend({ path, contents, records }, host) {
    const made = missingDirectories(path, host);
    return {
      made,
      ...(contents === 'removed' && { emptied: path }),
      ...(records !== undefined && made.includes(path) && { records }),
    };
  },

  async apply({ path, within }, intent, host, { qemu }, { machine }) {
    if (intent.records !== undefined)
      noteTemporary(host, intent.records, { path, machine, isDirectory: true });
    makeDirectories(intent.made, host);
    if (qemu === undefined) return intent;
    for (const outermost of [within, intent.made[0]]) openTheWay(path, outermost, host);
    if (intent.made.includes(path)) giveToQemu(path, qemu, host);
    return intent;
  },

  async undo({ made, emptied, records }, host) {
    if (emptied !== undefined) removeContents(emptied, made, host);
    removeDirectories(made, host);
    if (emptied !== undefined && records !== undefined) dropNote(host, records, emptied);
  },
};

/** One that was there before stays. */
function removeContents(path: string, made: readonly string[], host: HostSystem): void {
  const gone = made.includes(path) ? [path] : host.listDirectory(path).map((name) => join(path, name));
  for (const one of gone) host.removeTree(one);
}
