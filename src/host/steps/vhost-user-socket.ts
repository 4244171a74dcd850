import { fail } from '../../errors/index.ts';
import type { VhostUserSocketRequirement } from '../../plan/index.ts';
import { unlessCode } from '../directories.ts';
import { fileClaim } from '../file-claim.ts';
import { networkErrors } from '../network/errors.ts';
import { checkSocketPlace } from '../socket-place.ts';
import type { HostStep } from './step.ts';

export interface VhostUserSocketRecord {
  readonly path: string;
  /** QEMU makes it, and removes it only if it ends by itself. */
  readonly isMadeByQemu: boolean;
  readonly [key: string]: unknown;
}

/** The socket by which QEMU and a program that switches packets find each other; who listens makes it. */
export const vhostUserSocketStep: HostStep<VhostUserSocketRequirement, VhostUserSocketRecord> = {
  type: 'vhost-user-socket',

  describe: ({ path, listens }) => ({
    act: listens ? `QEMU listens at '${path}'` : `QEMU connects to '${path}'`,
    undo: listens ? 'the socket is removed' : 'nothing is done',
  }),

  owns: ({ path }, host) => [fileClaim(path, host)],

  async check({ device, path, listens, reconnects }, host) {
    const kind = host.status(path)?.kind;
    if (!listens && !reconnects && kind !== 'socket')
      throw fail(networkErrors['no-backend'], { device, path });
    if (listens) checkSocketPlace(path, host);
  },

  async intend({ path, listens }) {
    return { path, isMadeByQemu: listens };
  },

  async apply(_requirement, intent) {
    return intent;
  },

  async undo({ path, isMadeByQemu }, host) {
    if (isMadeByQemu && host.status(path)?.kind === 'socket')
      unlessCode('ENOENT', () => host.removeFile(path));
  },
};
