import { dirname } from 'node:path';
import { fail } from '../../errors/index.ts';
import type { UnixListenerRequirement } from '../../plan/index.ts';
import {
  checkDirectory,
  makeDirectories,
  missingDirectories,
  removeDirectories,
  unlessCode,
} from '../directories.ts';
import { hostErrors } from '../errors.ts';
import { fileClaim } from '../file-claim.ts';
import { SOCKET_PATH_BYTES } from '../short-path.ts';
import { checkSocketPlace, refuseOccupied } from '../socket-place.ts';
import type { HostStep } from './step.ts';

export interface UnixListenerRecord {
  readonly path: string;
  readonly directories: readonly string[];
  readonly [key: string]: unknown;
}

/** A listening socket for QEMU. A socket that was left at its path gives way; anything else does not. */
export const unixListenerStep: HostStep<UnixListenerRequirement, UnixListenerRecord> = {
  type: 'unix-listener',

  describe: ({ path }) => ({
    act: `listen on the socket '${path}'`,
    undo: 'the socket is removed, and its directory if it was made',
  }),

  owns: ({ path }, host) => [fileClaim(path, host)],

  async check({ path, ownDirectory }, host) {
    if (!ownDirectory && Buffer.byteLength(path) > SOCKET_PATH_BYTES)
      throw fail(hostErrors['socket-blocked'], {
        path,
        reason: `a socket's path has at most ${SOCKET_PATH_BYTES} bytes, and this one has ${Buffer.byteLength(path)}`,
      });
    if (!ownDirectory) return checkSocketPlace(path, host);
    checkDirectory(dirname(path), host);
    refuseOccupied(path, host);
  },

  async intend({ path, ownDirectory }, host) {
    return { path, directories: ownDirectory ? missingDirectories(dirname(path), host) : [] };
  },

  async apply({ fd, path }, intent, host, { fds }) {
    makeDirectories(intent.directories, host);
    unlessCode('ENOENT', () => host.removeFile(path));
    fds.set(fd, host.listenUnix(path));
    return intent;
  },

  async undo({ path, directories }, host) {
    if (host.status(path)?.kind === 'socket') unlessCode('ENOENT', () => host.removeFile(path));
    removeDirectories(directories, host);
  },
};
