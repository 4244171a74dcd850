import type { QemuSocketRequirement } from '../../plan/index.ts';
import { unlessCode } from '../directories.ts';
import { fileClaim } from '../file-claim.ts';
import { checkSocketPlace } from '../socket-place.ts';
import type { HostStep } from './step.ts';

export interface QemuSocketRecord {
  readonly path: string;
  readonly [key: string]: unknown;
}

/** A socket that QEMU makes: it removes it only if it ends by itself, and not if it is killed. */
export const qemuSocketStep: HostStep<QemuSocketRequirement, QemuSocketRecord> = {
  type: 'qemu-socket',
  describe: ({ path }) => ({ act: `QEMU listens at '${path}'`, undo: 'the socket is removed' }),
  owns: ({ path }, host) => [fileClaim(path, host)],
  async check({ path }, host) {
    checkSocketPlace(path, host);
  },
  async intend({ path }) {
    return { path };
  },
  async apply(_requirement, intent) {
    return intent;
  },
  async undo({ path }, host) {
    if (host.status(path)?.kind === 'socket') unlessCode('ENOENT', () => host.removeFile(path));
  },
};
