import { fail } from '../../errors/index.ts';
import type { VhostUserGpuRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { checkHelper, endHelper, FIRST_FD, type HelperRecord, intendHelper, startHelper } from '../helper.ts';
import type { HostStep } from './step.ts';

/** A program that draws for a video device. It and QEMU have one end each of a connection without a name. */
export const vhostUserGpuStep: HostStep<VhostUserGpuRequirement, HelperRecord> = {
  type: 'vhost-user-gpu',

  describe: ({ device, binary }) => ({
    act: `start '${binary}' for '${device}', connected with QEMU`,
    undo: 'it is ended; its log is removed',
  }),

  async check({ device, binary, stem, renderNode }, host) {
    if (host.status(binary)?.kind !== 'file')
      throw fail(hostErrors['program-missing'], { program: binary, device, package: 'qemu-system-gui' });
    if (renderNode !== undefined && !host.mayUse(renderNode))
      throw fail(hostErrors['device-unusable'], { path: renderNode });
    checkHelper(stem, host);
  },

  intend: async ({ device, binary, stem }, host) =>
    intendHelper({ device, program: binary, socket: stem }, host),

  async apply({ fd, virgl, renderNode }, intent, host, { fds }) {
    const [ours, its] = host.socketPair();
    fds.set(fd, ours);
    try {
      // QEMU's docs/interop/vhost-user.rst, "Backend program conventions".
      const args = [
        `--fd=${FIRST_FD}`,
        ...(virgl ? ['--virgl'] : []),
        ...(renderNode === undefined ? [] : [`--render-node=${renderNode}`]),
      ];
      await startHelper(host, intent, { args, fds: [its] });
    } finally {
      host.closeDescriptor(its);
    }
    return intent;
  },

  undo: (record, host) => endHelper(host, record),
};
