import { dirname } from 'node:path';
import { fail } from '../../errors/index.ts';
import type { SecretFileRequirement } from '../../plan/index.ts';
import { giveToQemu } from '../credentials.ts';
import { hostErrors } from '../errors.ts';
import { removeWritten } from '../written-file.ts';
import type { HostStep } from './step.ts';

export interface SecretFileRecord {
  readonly path: string;
  readonly [key: string]: unknown;
}

const FILE_MODE = 0o600;

/** A secret's value in a file of the machine's own directory. The journal has its path, never its value. */
export const secretFileStep: HostStep<SecretFileRequirement, SecretFileRecord> = {
  type: 'secret-file',
  describe: ({ device, path }) => ({
    act: `write the secret of '${device}' into '${path}', for this user alone`,
    undo: 'the file is removed, once QEMU has read it or at the end',
  }),

  async check({ device, secret }) {
    if ('value' in secret) return;
    const { type, uuid, usage, withoutValue } = secret;
    if (withoutValue !== undefined)
      throw fail(hostErrors['secret-without-value'], { device, uuid: withoutValue });
    throw fail(hostErrors['secret-missing'], { device, type, uuid, usage });
  },

  async intend({ path }) {
    return { path };
  },

  async apply({ path, secret }, intent, host, { readOnce, qemu }) {
    readOnce.push(path);
    if ('value' in secret) host.writeFile(path, secret.value.reveal(), FILE_MODE);
    giveToQemu(path, qemu, host);
    return intent;
  },

  async undo({ path }, host) {
    if (host.status(dirname(path)) !== undefined) removeWritten(path, host);
  },
};
