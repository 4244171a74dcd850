import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../src/host/programs.ts';
import { realHost } from '../../src/host/real.ts';
import { waitUntil } from '../../src/host/wait.ts';
import { bootSector, GREETING } from '../helpers/boot-sector.ts';
import { qdom as run } from '../helpers/cli.ts';
import { hasQemu, noQemu, processesOf } from '../helpers/machines.ts';
import { makeEncrypted } from '../helpers/qemu-img.ts';

const UUID = '0a81f5b2-8403-7b23-c8d6-21ccc2f80d6f';
const PASSPHRASE = 'open sesame';

/** A command takes its time on a machine at work, and each test runs several. */
const TIMEOUT_MS = 90_000;

let root: string;
const qdom = (...args: string[]) => run(root, args);
const write = (name: string, text: string | Uint8Array) => {
  writeFileSync(join(root, name), text, { mode: 0o600 });
  return join(root, name);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(async () => {
  await qdom('destroy', 'g');
  await waitUntil(() => processesOf(root).length === 0, 10_000);
  rmSync(root, { recursive: true });
});

interface Described {
  readonly uuid?: string;
  readonly usage?: string;
  readonly attributes?: string;
}

function secretXml({
  uuid = UUID,
  usage = "<usage type='volume'><volume>/a</volume></usage>",
  attributes = '',
}: Described = {}) {
  return write('secret.xml', `<secret ${attributes}>\n<uuid>${uuid}</uuid>\n${usage}\n</secret>\n`);
}

/** The code of the only diagnostic. */
async function refusal(...args: string[]): Promise<string> {
  const { stderr } = await qdom('--json', ...args);
  return (JSON.parse(stderr) as { code: string }).code;
}

describe('the store of secrets', { timeout: TIMEOUT_MS }, () => {
  it('keeps a definition and a value for this user alone, shows both, and forgets them', async () => {
    expect(await qdom('secret-define', secretXml())).toMatchObject({
      exitCode: 0,
      stdout: `Secret ${UUID} created`,
    });
    expect(await refusal('secret-get-value', UUID)).toBe('secret/no-value');
    const base64 = Buffer.from([0, 255, 10, 65]).toString('base64');
    expect((await run(root, ['secret-set-value', UUID, '-'], `${base64}\n`)).stdout).toBe('Secret value set');
    expect((await qdom('secret-get-value', UUID.toUpperCase())).stdout).toBe(base64);
    expect((await qdom('secret-list')).stdout).toContain(`${UUID}   volume /a`);
    expect((await qdom('secret-dumpxml', UUID)).stdout).toBe(
      `<secret ephemeral='no' private='no'>\n  <uuid>${UUID}</uuid>\n  <usage type='volume'>\n    <volume>/a</volume>\n  </usage>\n</secret>`,
    );
    const directory = join(root, 'etc/secrets');
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777)).toEqual([
      0o600, 0o600,
    ]);
    await qdom('secret-undefine', UUID);
    expect(readdirSync(directory)).toEqual([]);
    expect(await refusal('secret-undefine', UUID)).toBe('secret/not-found');
  });

  it('takes a value from where others cannot read it', async () => {
    await qdom('secret-define', secretXml());
    expect(await refusal('secret-set-value', UUID, 'b3BlbiBzZXNhbWU=')).toBe('cli/secret-on-argv');
    expect(await refusal('secret-set-value', UUID)).toBe('cli/secret-source');
    expect(await refusal('secret-set-value', UUID, '--interactive')).toBe('cli/no-terminal');
    const file = write('value', 'not base64!');
    expect(await refusal('secret-set-value', UUID, '--file', file)).toBe('cli/not-base64');
    await qdom('secret-set-value', UUID, '--file', file, '--plain');
    expect((await qdom('secret-get-value', UUID, '--plain')).stdout).toBe('not base64!');
  });

  it('replaces what is known of a secret, but not what was promised of it', async () => {
    const define = (described: Described) => refusal('secret-define', secretXml(described));
    await qdom('secret-define', secretXml({ attributes: "private='yes'" }));
    await qdom('secret-set-value', UUID, '--plain', '--file', write('value', PASSPHRASE));
    expect(await refusal('secret-get-value', UUID)).toBe('secret/private');
    expect(await define({ attributes: "private='no'" })).toBe('secret/stays-private');
    expect(await define({ attributes: "private='yes' ephemeral='yes'" })).toBe('secret/stays-where-it-is');
    expect(await define({ usage: "<usage type='ceph'><name>x</name></usage>" })).toBe('secret/usage-changed');
    expect(await define({ uuid: UUID.replace('0', '1') })).toBe('secret/usage-taken');
    expect(await define({ usage: "<usage type='iscsi'><name>x</name></usage>" })).toBe(
      'secret-xml/usage-name',
    );
    expect(await refusal('secret-define', write('d.xml', '<domain/>'))).toBe('secret-xml/not-a-secret');
    expect(await refusal('secret-dumpxml', 'mine')).toBe('secret/bad-uuid');
    write(`etc/secrets/${UUID}.json`, 'rubbish');
    expect(await refusal('secret-list')).toBe('secret/damaged');
  });

  it('keeps an ephemeral secret in memory, or not at all', async () => {
    await qdom('secret-define', secretXml({ attributes: "ephemeral='yes'" }));
    expect(readdirSync(join(root, 'run/secrets'))).toEqual([`${UUID}.json`]);
    const isInMemory = execaSync('stat', ['-f', '-c', '%T', root]).stdout === 'tmpfs';
    const set = await qdom(
      '--json',
      'secret-set-value',
      UUID,
      '--plain',
      '--file',
      write('value', PASSPHRASE),
    );
    if (isInMemory) expect(set.exitCode).toBe(0);
    else expect(set.stderr).toContain('secret/not-in-memory');
    expect((await qdom('--json', 'secret-list', '--no-ephemeral')).stdout).toBe('[]');
  });
});

const why = !hasQemu
  ? noQemu
  : findProgram(realHost(), 'qemu-img') === undefined
    ? 'there is no qemu-img'
    : '';

describe.skipIf(why !== '')(
  `an encrypted disk${why === '' ? '' : ` (${why})`}`,
  { timeout: TIMEOUT_MS },
  () => {
    /** An image whose first sector greets, encrypted with `PASSPHRASE`. */
    function image(format: 'luks' | 'qcow2'): string {
      const sectors = Buffer.alloc(1024 * 1024);
      bootSector('poweroff').copy(sectors);
      const plain = write('plain.img', sectors);
      const passphrase = write('passphrase', PASSPHRASE);
      const path = join(root, `disk.${format}`);
      const prefix = format === 'qcow2' ? 'encrypt.' : '';
      const options = {
        ...(prefix !== '' && { format: 'luks' }),
        'key-secret': 's',
        'iter-time': 100,
        'hash-alg': 'sha512',
      };
      const words = [
        ...['convert', '-f', 'raw', '-O', format, '--object', `secret,id=s,file=${passphrase}`],
        ...[
          '-o',
          Object.entries(options)
            .map(([key, value]) => `${prefix}${key}=${value}`)
            .join(','),
        ],
        ...[plain, path],
      ];
      makeEncrypted(words);
      return path;
    }

    function domain(path: string, format: string): string {
      return write(
        'g.xml',
        `<domain type='qemu'>
  <name>g</name>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    <disk type='file'>
      <driver type='${format}'/>
      <source file='${path}'>
        <encryption format='luks'>
          <secret type='passphrase' uuid='${UUID}'/>
        </encryption>
      </source>
      <target dev='hda'/>
    </disk>
    <serial type='file'><source path='${root}/serial.log'/></serial>
  </devices>
</domain>
`,
      );
    }

    async function keep(passphrase: string) {
      await qdom('secret-define', secretXml());
      await qdom('secret-set-value', UUID, '--plain', '--file', write('value', passphrase));
    }

    it.each(['luks', 'qcow2'] as const)(
      'of format %s is booted from, and its passphrase is nowhere after QEMU has read it',
      async (format) => {
        await keep(PASSPHRASE);
        const file = domain(image(format), format === 'luks' ? 'raw' : 'qcow2');
        const started = await qdom('create', '--paused', file);
        expect(started.stderr).toBe('');
        const files = readdirSync(join(root, 'run/machines/g'));
        expect(files.filter((name) => name.includes('secret'))).toEqual([]);
        for (const name of ['plan.json', 'journal.jsonl', 'argv', 'live.xml', 'qemu.log'])
          expect(readFileSync(join(root, 'run/machines/g', name), 'utf8')).not.toContain(PASSPHRASE);
        await qdom('resume', 'g');
        await waitUntil(() => readFileSync(join(root, 'serial.log'), 'utf8') === GREETING, 20_000);
        expect(readFileSync(join(root, 'serial.log'), 'utf8')).toBe(GREETING);
      },
    );

    it('with a wrong passphrase is refused in QEMU’s words, with the line', async () => {
      await keep('wrong');
      const { exitCode, stderr } = await qdom('create', domain(image('luks'), 'raw'));
      expect(stderr).toMatch(/g\.xml:7:5: error: .*Invalid password, cannot unlock any keyslot/);
      expect(exitCode).toBe(10);
      expect(readdirSync(join(root, 'run/machines'))).toEqual([]);
    });

    it('whose secret is not there is refused before anything is done, with the line and what to do', async () => {
      const file = domain(join(root, 'no.img'), 'raw');
      const missing = await qdom('create', file);
      expect(missing.stderr).toMatch(
        /g\.xml:11:11: error: 'ide0-0-0' needs the secret '0a81f5b2-.*host\/secret-missing/,
      );
      expect(missing.stderr).toContain('qdom secret-define FILE');
      await qdom('secret-define', secretXml());
      expect((await qdom('plan', file)).stdout).toContain(`qdom secret-set-value ${UUID} --interactive`);
      expect((await qdom('create', file)).stderr).toContain('host/secret-without-value');
    });
  },
);
