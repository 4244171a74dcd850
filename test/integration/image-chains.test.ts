import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.ts';
import { readImages } from '../../src/host/images/read-images.ts';
import { findProgram } from '../../src/host/programs.ts';
import { realHost } from '../../src/host/real.ts';
import { foresee } from '../../src/host/realise.ts';
import { waitUntil } from '../../src/host/wait.ts';
import { goldenEnvironment } from '../golden/environment.ts';
import { qdom as run } from '../helpers/cli.ts';
import { hasQemu, noQemu, processesOf } from '../helpers/machines.ts';

/** A command takes its time on a machine at work, and each test runs several. */
const TIMEOUT_MS = 90_000;
const why = !hasQemu
  ? noQemu
  : findProgram(realHost(), 'qemu-img') === undefined
    ? 'there is no qemu-img'
    : '';

let root: string;
const qdom = (...args: string[]) => run(root, args);
const at = (name: string) => join(root, name);
const img = (...args: string[]) => execaSync('qemu-img', args, { cwd: root });
/** A qcow2 image that says it is based on `backing`, whatever that is. */
const based = (name: string, backing: string, format = 'qcow2') =>
  img('create', '-q', '-f', 'qcow2', '-u', '-F', format, '-b', backing, name, '1M');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'chains-'));
});
afterEach(async () => {
  for (const name of ['g', 'h']) await qdom('destroy', name);
  await waitUntil(() => processesOf(root).length === 0, 10_000);
  rmSync(root, { recursive: true });
});

interface Described {
  readonly name?: string;
  readonly policy?: string;
  readonly device?: string;
}

function domain(
  image: string,
  format: string,
  { name = 'g', policy, device = 'disk' }: Described = {},
): string {
  const startupPolicy = policy === undefined ? '' : ` startupPolicy='${policy}'`;
  writeFileSync(
    at(`${name}.xml`),
    `<domain type='qemu'>
  <name>${name}</name>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <disk type='file' device='${device}'>
      <driver type='${format}'/>
      <source file='${at(image)}'${startupPolicy}/>
      <target dev='hda'/>
    </disk>
  </devices>
</domain>
`,
  );
  return at(`${name}.xml`);
}

interface PrintedPlan {
  readonly steps: readonly {
    readonly type: string;
    readonly act: string;
    readonly problems: readonly { readonly code: string }[];
  }[];
}

/** The codes of what speaks against a start, and whether a chain is part of the plan. */
async function planned(file: string) {
  const { steps } = JSON.parse((await qdom('--json', 'plan', file)).stdout) as PrintedPlan;
  const chain = steps.find(({ type }) => type === 'image-chain');
  return { act: chain?.act, problems: steps.flatMap(({ problems }) => problems.map(({ code }) => code)) };
}

describe.skipIf(why !== '')(
  `a chain of images${why === '' ? '' : ` (${why})`}`,
  { timeout: TIMEOUT_MS },
  () => {
    it('is found to its end, is in the plan, runs, and shows in the live XML with its numbers', async () => {
      img('create', '-q', '-f', 'raw', 'base.raw', '1M');
      based('mid.qcow2', 'base.raw', 'raw');
      based('top.qcow2', at('mid.qcow2'));
      const file = domain('top.qcow2', 'qcow2');
      expect(await planned(file)).toEqual({
        act: `read the images of 'ide0-0-0': '${at('top.qcow2')}', based on '${at('mid.qcow2')}', based on '${at('base.raw')}'`,
        problems: [],
      });
      expect((await qdom('create', '--paused', file)).stderr).toBe('');
      const xml = (await qdom('dumpxml', 'g')).stdout;
      expect(xml).toContain(`<source file='${at('top.qcow2')}' index='1'/>
      <backingStore type='file' index='2'>
        <format type='qcow2'/>
        <source file='${at('mid.qcow2')}'/>
        <backingStore type='file' index='3'>
          <format type='raw'/>
          <source file='${at('base.raw')}'/>
          <backingStore/>
        </backingStore>
      </backingStore>`);
      const argv = readFileSync(at('run/machines/g/argv'), 'utf8');
      expect(argv).toContain('"node-name":"libvirt-1-format"');
      expect(argv).toMatch(/"backing":"libvirt-2-format"/);
    });

    it('keeps what others only read from being written, and is itself free for others who read', async () => {
      img('create', '-q', '-f', 'raw', 'base.raw', '1M');
      for (const name of ['one', 'two']) based(name, 'base.raw', 'raw');
      await qdom('create', '--paused', domain('one', 'qcow2'));
      expect((await qdom('create', '--paused', domain('base.raw', 'raw', { name: 'h' }))).stderr).toContain(
        `'file:${at('base.raw')}' is in use by domain 'g'`,
      );
      expect((await qdom('create', '--paused', domain('two', 'qcow2', { name: 'h' }))).exitCode).toBe(0);
    });

    it('never takes what a raw image holds for its format', async () => {
      // What a guest can do: its raw disk begins like a qcow2 image that is based on a file of the host.
      based('disk.raw', '/etc/shadow', 'raw');
      const file = domain('disk.raw', 'raw');
      expect(await planned(file)).toEqual({ act: undefined, problems: [] });
      expect((await qdom('compile', file)).stdout).not.toContain('shadow');
      // The same as the base of an image that says it is raw.
      based('top.qcow2', 'disk.raw', 'raw');
      const { act } = await planned(domain('top.qcow2', 'qcow2'));
      expect(act).toMatch(/'.*top\.qcow2', based on '.*disk\.raw'$/);
      const compiled = (await qdom('compile', domain('top.qcow2', 'qcow2'))).stdout;
      expect(compiled).not.toContain('shadow');
      // A newer QEMU needs no format node above raw data.
      expect(compiled).toMatch(/"backing":"libvirt-2-(format|storage)"/);
      expect(compiled).not.toMatch(/"node-name":"libvirt-2[^}]*"driver":"qcow2"/);
    });

    it('is refused where an image does not say what format the one beneath has', async () => {
      based('base.qcow2', '/etc/shadow', 'raw');
      based('top.qcow2', 'base.qcow2', 'raw');
      // Without the header's extension that names the format (QEMU's docs/interop/qcow2.txt).
      const bytes = readFileSync(at('top.qcow2'));
      const extension = bytes.indexOf(Buffer.from([0xe2, 0x79, 0x2a, 0xca]));
      bytes.writeUInt32BE(0x1234_5678, extension);
      writeFileSync(at('top.qcow2'), bytes);
      const { exitCode, stderr } = await qdom('create', domain('top.qcow2', 'qcow2'));
      expect(stderr).toMatch(
        /g\.xml:8:7: error: .*does not say what format '.*base\.qcow2' has.*host\/backing-format/,
      );
      expect(stderr).toContain('qemu-img rebase -u -F FORMAT');
      expect(exitCode).toBe(4);
    });

    it.each([
      ['that is based on itself', 'host/image-loop', () => [based('a', 'b'), based('b', 'a')]],
      ['with a link that is not there', 'host/image-missing', () => [based('a', 'b'), based('b', 'c')]],
      ['that goes on elsewhere', 'host/backing-elsewhere', () => based('a', 'nbd://localhost/x', 'raw')],
      [
        'with a link that is not what it is said to be',
        'host/image-unreadable',
        () => [based('a', 'b'), writeFileSync(at('b'), 'x')],
      ],
      ['with an encrypted link', 'host/backing-encrypted', () => [based('a', 'b'), encrypted('b')]],
    ])('%s is refused before anything is done', async (_, code, make) => {
      make();
      const images = await readImages(realHost(), [{ path: at('a'), format: 'qcow2' }]);
      const env = goldenEnvironment({});
      const plan = compile(readFileSync(domain('a', 'qcow2'), 'utf8'), {
        ...env,
        facts: { ...env.facts, images },
      });
      const owners = { directory: at('owners'), machine: 'g', isThere: () => false };
      const steps = await foresee(plan.host, { host: realHost(), owners });
      expect(steps.flatMap(({ problems }) => problems)).toMatchObject([
        { code, message: expect.stringContaining(at('a')), at: { line: 8, column: 7 } },
      ]);
    });

    it('is not part of a definition', async () => {
      expect((await qdom('define', domain('gone', 'qcow2'))).exitCode).toBe(0);
      const { stderr, exitCode } = await qdom('start', 'g');
      expect(stderr).toContain(`the image '${at('gone')}' of 'ide0-0-0' is not there`);
      expect(exitCode).toBe(7);
    });

    it('whose first image is not there is left out where the domain allows it', async () => {
      const disk = await qdom('create', '--paused', domain('gone', 'raw', { policy: 'optional' }));
      expect(disk.stderr).toMatch(/g\.xml:8:7: warning: disk 'hda' starts without its image.*disk\/left-out/);
      expect(readFileSync(at('run/machines/g/argv'), 'utf8')).not.toContain('ide-hd');
      expect((await qdom('dumpxml', 'g')).stdout).not.toContain('<disk');
      const cdrom = await qdom(
        'create',
        '--paused',
        domain('gone', 'raw', { name: 'h', policy: 'optional', device: 'cdrom' }),
      );
      expect(cdrom.exitCode).toBe(0);
      expect(readFileSync(at('run/machines/h/argv'), 'utf8')).toContain(
        '{"driver":"ide-cd","bus":"ide.0","unit":0,"id":"ide0-0-0"',
      );
      expect((await qdom('dumpxml', 'h')).stdout).not.toContain('gone');
      const requisite = await planned(domain('gone', 'raw', { policy: 'requisite', device: 'cdrom' }));
      expect(requisite.problems).toEqual(['host/image-missing']);
    });
  },
);

/** A qcow2 image whose key nobody here has. */
function encrypted(name: string): void {
  writeFileSync(at('passphrase'), 'open sesame');
  const options = 'encrypt.format=aes,encrypt.key-secret=s';
  // The old AES is not offered to machines, and its making needs no measured time as LUKS does.
  img(
    'create',
    '-q',
    '-f',
    'qcow2',
    '--object',
    `secret,id=s,file=${at('passphrase')}`,
    '-o',
    options,
    name,
    '1M',
  );
}
