import { dirname } from 'node:path';
import { fail } from '../../errors/index.ts';
import type { OutputFileRequirement } from '../../plan/index.ts';
import { unlessCode } from '../directories.ts';
import { hostErrors } from '../errors.ts';
import type { HostStep } from './step.ts';

export interface OutputFileRecord {
  readonly path: string;
  /** It was not there before. */
  readonly made: boolean;
  readonly [key: string]: unknown;
}

/** A file for a character device's output. It is kept, unless the machine never ran. */
export const outputFileStep: HostStep<OutputFileRequirement, OutputFileRecord> = {
  type: 'output-file',

  describe: ({ path, append }) => ({
    act: `open '${path}' for output${append ? ', keeping what it holds' : ', empty at first'}`,
    undo: 'removed if it was made and the start fails; kept when the machine ends',
  }),

  async check({ path }, host) {
    const problem =
      host.status(dirname(path))?.kind !== 'directory'
        ? 'its directory is not there'
        : host.status(path)?.kind === 'directory'
          ? 'it is a directory'
          : undefined;
    if (problem !== undefined) throw fail(hostErrors['output-blocked'], { path, reason: problem });
  },

  async intend({ path }, host) {
    return { path, made: host.status(path) === undefined };
  },

  async apply({ fd, path, append }, intent, host, { fds, emptied }) {
    fds.set(fd, host.openOutput(path));
    // What it held is lost when there is something new, and not with a start that fails.
    if (!append && !intent.made) emptied.push(path);
    return intent;
  },

  async undo({ path, made }, host, reason) {
    if (made && reason === 'rollback') unlessCode('ENOENT', () => host.removeFile(path));
  },
};
