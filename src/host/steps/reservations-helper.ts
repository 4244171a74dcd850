import type { ReservationsHelperRequirement } from '../../plan/index.ts';
import { checkHelper, endHelper, type HelperRecord, intendHelper, startHelper } from '../helper.ts';
import { requireProgram } from '../programs.ts';
import type { HostStep } from './step.ts';

/** The qemu-pr-helper that does what QEMU itself has no right to: persistent reservations of SCSI disks, one for the machine. */
export const reservationsHelperStep: HostStep<ReservationsHelperRequirement, HelperRecord> = {
  type: 'reservations-helper',

  describe: ({ socket }) => ({
    act: `start qemu-pr-helper on '${socket}'`,
    undo: 'it is ended; its socket is removed',
  }),

  async check({ device, socket }, host) {
    requireProgram(host, 'qemu-pr-helper', device);
    checkHelper(socket, host);
  },

  intend: async ({ device, socket }, host) =>
    intendHelper({ device, program: requireProgram(host, 'qemu-pr-helper', device), socket }, host),

  async apply({ socket }, intent, host, { qemu }) {
    // qemu-pr-helper(8)
    await startHelper(host, intent, { args: ['--socket', socket], qemu });
    return intent;
  },

  undo: (record, host) => endHelper(host, record),
};
