import { dirname } from 'node:path';
import { fail } from '../../errors/index.ts';
import type { QemuUserRequirement } from '../../plan/index.ts';
import {
  type Credentials,
  checkTheWay,
  findCredentials,
  mayOpen,
  openTheWay,
  ownUser,
} from '../credentials.ts';
import { hostErrors } from '../errors.ts';
import { requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep, StepRecord } from './step.ts';

/** What the group of QEMU's user may do with the machine's directory: pass through to what is QEMU's. */
const RUN_DIRECTORY_MODE = 0o710;

/**
 * QEMU runs as a user without privileges. It gets through the machine's directory to what is its own there, and cannot
 * change the rest, by which root ends and cleans up.
 */
export const qemuUserStep: HostStep<QemuUserRequirement, StepRecord> = {
  type: 'qemu-user',

  describe: ({ user, group }) => ({
    act: `run QEMU as the user '${user}'${group === undefined ? '' : ` and the group '${group}'`}, without privileges`,
    undo: "nothing is left of it but that the directories around the machine's let others pass through",
  }),

  async check(requirement, host, _all, _owners, qemu) {
    const { user, runDir, devices } = requirement;
    await findCredentials(requirement, host);
    if (qemu === undefined) return;
    requireProgram(host, 'setpriv', 'QEMU');
    if (ownUser(host) !== 0) throw fail(hostErrors['cannot-become'], { user });
    checkTheWay(runDir, qemu, host, aroundMachines(runDir));
    for (const path of devices) checkDevice(path, user, qemu, host);
  },

  async intend() {
    return {};
  },

  async apply({ runDir }, intent, host, { qemu }) {
    if (qemu === undefined) return intent;
    openTheWay(runDir, aroundMachines(runDir), host);
    host.changeOwner(runDir, ownUser(host) ?? 0, qemu.gid);
    host.changeMode(runDir, RUN_DIRECTORY_MODE);
    return intent;
  },

  async undo() {},
};

/** `RUN/machines/NAME` is in `RUN`. */
function aroundMachines(runDir: string): string {
  return dirname(dirname(runDir));
}

function checkDevice(path: string, user: string, qemu: Credentials, host: HostSystem): void {
  const status = host.status(path);
  if (status !== undefined && !mayOpen(status, 'write', qemu))
    throw fail(hostErrors['device-closed-to-qemu'], { user, path });
}
