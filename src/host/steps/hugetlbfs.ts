import { dirname } from 'node:path';
import { fail } from '../../errors/index.ts';
import type { HugetlbfsRequirement } from '../../plan/index.ts';
import { openTheWay, ownUser } from '../credentials.ts';
import { checkDirectory, makeDirectories, missingDirectories } from '../directories.ts';
import { memoryErrors } from '../hugepages/errors.ts';
import { command } from '../ip.ts';
import { isMountPoint } from '../shared-undo.ts';
import type { HostStep, StepRecord } from './step.ts';

/** A hugetlbfs where there is none: machines share it, and what is recorded with that unmounts it after the last. */
export const hugetlbfsStep: HostStep<HugetlbfsRequirement, StepRecord> = {
  type: 'hugetlbfs',

  describe: ({ path, pageKiB }) => ({
    act: `mount a hugetlbfs with pages of ${pageKiB} KiB at '${path}'`,
    undo: 'the last machine that needs it unmounts it',
  }),

  owns: ({ path }) => [
    {
      resource: `mount:${path}`,
      isShared: true,
      undoOfLast: (host) =>
        isMountPoint(path, host)
          ? undefined
          : { kind: 'unmount', path, directories: missingDirectories(path, host) },
    },
  ],

  async check({ path, pageKiB }, host) {
    if (isMountPoint(path, host)) return;
    if (ownUser(host) !== 0) throw fail(memoryErrors['hugetlbfs-unmountable'], { path, pageKiB });
    checkDirectory(path, host);
  },

  async intend() {
    return {};
  },

  async apply({ path, pageKiB }, intent, host) {
    if (isMountPoint(path, host)) return intent;
    makeDirectories(missingDirectories(path, host), host);
    // QEMU's user gets through to its own directory in the mount.
    openTheWay(path, dirname(path), host);
    await command(host, 'mount', ['-t', 'hugetlbfs', '-o', `pagesize=${pageKiB}K,mode=0755`, 'none', path]);
    return intent;
  },

  async undo() {},
};
