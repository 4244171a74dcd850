import { describe, expect, it } from 'vitest';
import { foresee, realise } from '../../../src/host/realise.ts';
import type { SwtpmRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const tpm: SwtpmRequirement = {
  type: 'swtpm',
  device: 'tpm0',
  socket: '/run/m/tpm0.sock',
  version: '2.0',
  state: { kind: 'dir', path: '/lib/tpm2' },
  pcrBanks: ['sha256'],
  profile: { source: 'local:restricted', removeDisabled: 'fips-host' },
};
const owners = {
  directory: '/run/owners',
  machine: 'm',
  isThere: () => false,
  qemuOf: () => undefined,
};

/** A host whose swtpm_setup says of itself what is given; what it is asked for is noted. */
function hostWith(help: string): { host: FakeHost; asked: string[] } {
  const host = new FakeHost({
    '/run/m': null,
    '/lib': null,
    '/bin/swtpm': '',
    '/bin/swtpm_setup': '',
    '/proc': null,
  });
  const asked: string[] = [];
  const run = host.run.bind(host);
  host.run = async (program, args) => {
    asked.push(args.join(' '));
    return args[0] === '--help' ? { exitCode: 0, stdout: help, stderr: '' } : run(program, args);
  };
  return { host, asked };
}

describe('the profile of a TPM', () => {
  it('is given to the set-up of one that is made', async () => {
    const { host, asked } = hostWith('--profile-name <name>  : …');
    await realise([tpm], host, '/run/m/journal.jsonl', owners);
    expect(asked.at(-1)).toContain('--profile-name local:restricted --profile-remove-disabled fips-host');
  });

  it('needs a swtpm that has profiles', async () => {
    const [step] = await foresee([tpm], { host: hostWith('--pcr-banks').host, owners });
    expect(step?.problems).toMatchObject([
      { code: 'host/swtpm-without-profiles', message: expect.stringContaining("'local:restricted'") },
    ]);
  });
});

describe('a TPM that is made', () => {
  it('has time for the keys of the first one of a host', async () => {
    const { host } = hostWith('--profile-name');
    const run = host.run.bind(host);
    const deadlines: unknown[] = [];
    host.run = async (program, args, options?: { timeoutMs?: number }) => {
      if (args.includes('--createek')) deadlines.push(options?.timeoutMs);
      return run(program, args);
    };
    await realise([tpm], host, '/run/m/journal.jsonl', owners);
    expect(deadlines).toEqual([180_000]);
  });

  it("is made by root where nobody else can write, also in a directory that was QEMU's user's", async () => {
    const { host } = hostWith('--profile-name');
    for (const path of ['/proc/self', '/lib/tpm2']) host.makeDirectory(path);
    host.changeOwner('/lib/tpm2', 107, 107);
    host.overwrite('/lib/tpm2/TMP2-00.permall', 'a link');
    const run = host.run;
    const seen: unknown[] = [];
    host.run = (program, args) => {
      if (!args.includes('--help'))
        seen.push([host.status('/lib/tpm2')?.uid, host.listDirectory('/lib/tpm2')]);
      return run(program, args);
    };
    await realise([tpm], host, '/run/m/journal.jsonl', owners);
    expect(seen).toEqual([[0, []]]);
  });
});
