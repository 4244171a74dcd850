import { availableParallelism } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../src/host/programs.ts';
import { realHost } from '../../src/host/real.ts';
import { linuxGuest } from '../guest/linux.ts';
import { hasQemu, noQemu } from '../helpers/machines.ts';
import { inNamespace, noNamespaces } from '../helpers/namespace.ts';
import { MACS } from './scenarios/everything-domain.ts';

const why = await whyNot();

describe.skipIf(why !== undefined)(
  `a machine with a bridge, macvtap, hugepages, pinning, a TPM, a shared directory and an encrypted disk${why === undefined ? '' : ` (${why})`}`,
  () => {
    let seen: Record<string, Record<string, unknown>> = {};
    beforeAll(async () => {
      seen = await inNamespace(new URL('scenarios/everything.ts', import.meta.url));
    }, 300_000);

    it('starts by one command, and its guest sees each of them', () => {
      expect(seen.guest).toMatchObject({
        macs: MACS.join('\r\n'),
        tpm: '2',
        share: 'hello from the host',
        disk: 'a secret on the disk',
        cpus: '2',
      });
      expect(seen.fromGuest).toBe('hello from the guest');
    });

    it('has its virtual CPUs where they are pinned', () => {
      expect(seen.threads).toEqual({ 'CPU 0/TCG': '0', 'CPU 1/TCG': '1' });
    });

    it('leaves the host as it was, after destroy and after kill -9 of all its processes', () => {
      expect(seen.during).not.toEqual(seen.before);
      expect(seen.afterDestroy).toEqual(seen.before);
      expect(seen.afterKill).toEqual(seen.before);
    });
  },
);

async function whyNot(): Promise<string | undefined> {
  if (!hasQemu) return noQemu;
  const namespaces = noNamespaces();
  if (namespaces !== undefined) return namespaces;
  if (availableParallelism() < 2) return 'it takes two CPUs to pin to';
  for (const program of ['qemu-img', 'swtpm_setup', 'virtiofsd'])
    if (findProgram(realHost(), program) === undefined) return `there is no ${program}`;
  const guest = await linuxGuest();
  return 'missing' in guest ? guest.missing : undefined;
}
