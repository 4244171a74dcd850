import { fail } from '../../errors/index.ts';
import type { DeviceFdRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { alone } from '../owners.ts';
import type { HostStep } from './step.ts';

/** A character device is opened for QEMU; the descriptor goes away with it, so that there is nothing to undo. */
export const deviceFdStep: HostStep<DeviceFdRequirement, { readonly path: string }> = {
  type: 'device-fd',
  describe: ({ path }) => ({ act: `open '${path}' for QEMU`, undo: 'closed with QEMU' }),
  owns: ({ path, isAlone }, host) =>
    isAlone === true ? [alone(`device:${host?.realPath(path) ?? path}`)] : [],
  async check({ path }, host) {
    if (host.status(path) === undefined || !host.mayUse(path))
      throw fail(hostErrors['device-unusable'], { path });
  },
  async intend({ path }) {
    return { path };
  },
  async apply({ fd, path }, intent, host, { fds }) {
    fds.set(fd, host.openDevice(path));
    return intent;
  },
  async undo() {},
};
