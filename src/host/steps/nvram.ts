import { dirname } from 'node:path';
import { fail } from '../../errors/index.ts';
import type { NvramRequirement } from '../../plan/index.ts';
import { openTheWay } from '../credentials.ts';
import {
  checkDirectory,
  makeDirectories,
  missingDirectories,
  removeDirectories,
  unlessCode,
} from '../directories.ts';
import { hostErrors } from '../errors.ts';
import { fileClaim } from '../file-claim.ts';
import type { HostStep } from './step.ts';

export interface NvramRecord {
  readonly path: string;
  /** False if the domain had its store already: then nothing is ever removed. */
  readonly made: boolean;
  readonly directories: readonly string[];
  readonly [key: string]: unknown;
}

const FILE_MODE = 0o600;

/** The domain's variable store: copied beside its place and renamed, so that a half copy is never used; kept at the end. */
export const nvramStep: HostStep<NvramRequirement, NvramRecord> = {
  type: 'nvram',

  owns: ({ path }, host) => [fileClaim(path, host)],

  describe: ({ path, template }) => ({
    act: `copy '${template}' to '${path}' unless that is there`,
    undo: 'removed if the start fails; kept when the machine ends',
  }),

  async check({ path, template }, host) {
    checkDirectory(dirname(path), host);
    if (host.status(path) === undefined && host.status(template)?.kind !== 'file')
      throw fail(hostErrors['template-missing'], { template, path });
  },

  async intend({ path }, host) {
    return {
      path,
      made: host.status(path) === undefined,
      directories: missingDirectories(dirname(path), host),
    };
  },

  async apply({ path, template }, intent, host, { qemu }) {
    if (!intent.made) return intent;
    makeDirectories(intent.directories, host);
    if (qemu !== undefined) openTheWay(path, intent.directories[0], host);
    const copy = copyName(path);
    unlessCode('ENOENT', () => host.removeFile(copy));
    host.copyFile(template, copy, FILE_MODE);
    host.rename(copy, path);
    return intent;
  },

  async undo({ path, made, directories }, host, reason) {
    if (!made) return;
    unlessCode('ENOENT', () => host.removeFile(copyName(path)));
    if (reason === 'ended') return;
    unlessCode('ENOENT', () => host.removeFile(path));
    removeDirectories(directories, host);
  },
};

function copyName(path: string): string {
  return `${path}.new`;
}
