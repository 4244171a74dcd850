import type { FileOwnerRequirement } from '../../plan/index.ts';
import {
  type Credentials,
  checkTheWay,
  findCredentials,
  mayOpen,
  openTheWay,
  ownUser,
} from '../credentials.ts';
import { giveFile, giveFileBack, isGiven } from '../file-owners.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep, StepRecord } from './step.ts';

export interface FileOwnerStepRecord extends StepRecord {
  /** Without symbolic links; absent if there is nothing to do. */
  readonly path?: string;
  readonly machine?: string;
  readonly records?: string;
}

/** A file that QEMU opens by its name becomes its user's, unless that may use it as it is. */
export const fileOwnerStep: HostStep<FileOwnerRequirement, FileOwnerStepRecord> = {
  type: 'file-owner',

  describe: ({ path, access, owner }) => ({
    act: `let ${owner === undefined ? "QEMU's user" : `the user '${owner.user}'`} ${access} '${path}', as its owner if need be`,
    undo: 'its owner is again who it was, when no other machine uses it',
  }),

  async check(requirement, host, _all, _owners, qemu) {
    const { path, within } = requirement;
    const who = await ownerOf(requirement, host, qemu);
    if (who !== undefined) checkTheWay(host.realPath(path) ?? path, qemu, host, within);
  },

  async intend(requirement, host, { qemu }, { machine }) {
    const { path, access, records } = requirement;
    const who = await ownerOf(requirement, host, qemu);
    const real = host.realPath(path);
    const status = real === undefined ? undefined : host.status(real);
    if (who === undefined || real === undefined || status === undefined) return {};
    const isUsable = requirement.owner === undefined ? mayOpen(status, access, who) : status.uid === who.uid;
    // What another machine has made usable must stay so for as long as this one runs.
    if (isUsable && !isGiven(host, records, real)) return {};
    return { path: real, machine, records };
  },

  async apply(requirement, intent, host, { qemu }) {
    const who = await ownerOf(requirement, host, qemu);
    if (who === undefined) return intent;
    if (requirement.within !== undefined) openTheWay(requirement.path, requirement.within, host);
    const { path, machine = '', records = '' } = intent;
    if (path !== undefined) await giveFile(host, records, { path, machine, who });
    return intent;
  },

  async undo({ path, machine = '', records = '' }, host) {
    if (path !== undefined) await giveFileBack(host, records, { path, machine });
  },
};

/** Only root can give files away. */
async function ownerOf(
  { owner }: FileOwnerRequirement,
  host: HostSystem,
  qemu: Credentials | undefined,
): Promise<Credentials | undefined> {
  if (owner === undefined || ownUser(host) !== 0) return qemu;
  return findCredentials(owner, host);
}
