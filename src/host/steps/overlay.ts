import { dirname } from 'node:path';
import { fail } from '../../errors/index.ts';
import type { OverlayRequirement } from '../../plan/index.ts';
import { giveToQemu } from '../credentials.ts';
import { unlessCode } from '../directories.ts';
import { hostErrors } from '../errors.ts';
import { fileClaim } from '../file-claim.ts';
import { command } from '../ip.ts';
import { requireProgram } from '../programs.ts';
import { dropNote, noteTemporary } from '../temporary-files.ts';
import type { HostStep } from './step.ts';

export interface OverlayRecord {
  readonly path: string;
  readonly records: string;
  readonly [key: string]: unknown;
}

/** A qcow2 file that takes what a transient disk's guest writes, and goes with the machine. */
export const overlayStep: HostStep<OverlayRequirement, OverlayRecord> = {
  type: 'overlay',
  describe: ({ path, base }) => ({ act: `make the overlay '${path}' of '${base}'`, undo: 'it is removed' }),
  owns: ({ path }, host) => [fileClaim(path, host)],

  async check({ device, path, base }, host) {
    requireProgram(host, 'qemu-img', device);
    if (host.status(dirname(path))?.kind !== 'directory')
      throw fail(hostErrors['overlay-blocked'], { device, path, reason: 'its directory is not there' });
    if (host.status(path) !== undefined)
      throw fail(hostErrors['overlay-blocked'], { device, path, reason: 'something is there already' });
    if (host.status(base) === undefined) throw fail(hostErrors['base-missing'], { device, base });
  },

  async intend({ path, records }) {
    return { path, records };
  },

  async apply({ device, path, base, baseFormat, records }, intent, host, { qemu }, { machine }) {
    noteTemporary(host, records, { path, machine, isDirectory: false });
    const program = requireProgram(host, 'qemu-img', device);
    await command(host, program, ['create', '-q', '-f', 'qcow2', '-b', base, '-F', baseFormat, path]);
    giveToQemu(path, qemu, host);
    return intent;
  },

  async undo({ path, records }, host) {
    unlessCode('ENOENT', () => host.removeFile(path));
    dropNote(host, records, path);
  },
};
