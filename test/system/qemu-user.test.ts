import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../src/host/programs.ts';
import { realHost } from '../../src/host/real.ts';
import { waitUntil } from '../../src/host/wait.ts';
import { bootSector, GREETING } from '../helpers/boot-sector.ts';
import { qdom } from '../helpers/cli.ts';
import { hasQemu, noQemu, processesOf } from '../helpers/machines.ts';
import { whyNoPasst } from '../helpers/passt.ts';

/** Users of whom no host knows: numbers are enough. */
const QEMU_UID = 61_234;
const QEMU_GID = 61_235;
const STRANGER = 61_236;

const has = (program: string) => findProgram(realHost(), program) !== undefined;
const hasSwtpm = has('swtpm_setup');
const hasPasst = whyNoPasst() === undefined;
const hasVirtiofsd = has('virtiofsd');

function whyNot(): string | undefined {
  if (!hasQemu) return noQemu;
  return process.getuid?.() === 0 ? undefined : 'only root can become another user';
}

/** The test has a device node of its own, in a mount namespace of its own. */
function whyNoKvm(): string | undefined {
  if (!realHost().mayUse('/dev/kvm')) return 'there is no /dev/kvm';
  const { exitCode } = execaSync('unshare', ['-m', 'true'], { reject: false });
  return exitCode === 0 ? undefined : 'no mount namespaces here';
}

let base: string;
let root: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'qemu-user-'));
  chmodSync(base, 0o711);
  root = join(base, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  chmodSync(root, 0o711);
  configure({ user: `+${QEMU_UID}`, group: `+${QEMU_GID}` });
});
afterEach(async () => {
  await qdom(root, ['destroy', 'g']);
  await waitUntil(() => processesOf(base).length === 0, 10_000);
  rmSync(base, { recursive: true });
});

function configure(config: object): void {
  writeFileSync(join(root, 'etc/config.json'), JSON.stringify(config));
}

/** Whole pages: a shared image is opened with O_DIRECT, which on tmpfs takes nothing less. */
function image(name: string, mode = 0o600, content: Buffer | string = bootSector('wait')): string {
  const path = join(base, name);
  writeFileSync(path, Buffer.concat([Buffer.from(content), Buffer.alloc(4096)]).subarray(0, 4096), { mode });
  chmodSync(path, mode);
  return path;
}

interface Parts {
  readonly type?: string;
  readonly before?: string;
  readonly devices?: string;
  readonly after?: string;
}

function disk(target: string, file: string, more = '', inSource = ''): string {
  return `<disk type='file'><driver name='qemu' type='raw'/><source file='${file}'>${inSource}</source>
    <target dev='${target}' bus='${target.startsWith('hd') ? 'ide' : 'virtio'}'/>${more}</disk>`;
}

function domain({ type = 'qemu', before = '', devices = '', after = '' }: Parts): string {
  const file = join(base, 'g.xml');
  writeFileSync(
    file,
    `<domain type='${type}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>g</name>
  <uuid>6f2b4a52-2d5c-4d27-9d5b-3f6f1f6c0a05</uuid>
  <memory unit='MiB'>32</memory>${before}
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <cpu mode='custom' check='none'><model>qemu64</model></cpu>
  <features><acpi/></features>
  <devices>
    ${disk('hda', image('boot.img'))}
    <serial type='file'><source path='${base}/console.log'/></serial>
    ${devices}
  </devices>
  ${after}
</domain>
`,
  );
  return file;
}

async function start(parts: Parts): Promise<number> {
  const { exitCode, stderr } = await qdom(root, ['create', domain(parts)]);
  expect(exitCode, stderr).toBe(0);
  const { stdout } = await qdom(root, ['--json', 'dominfo', 'g']);
  return (JSON.parse(stdout) as { pid: number }).pid;
}

async function refusal(parts: Parts): Promise<string> {
  const { exitCode, stderr } = await qdom(root, ['create', domain(parts)]);
  expect(exitCode).not.toBe(0);
  return stderr;
}

const ownerOf = (path: string) => `${statSync(path).uid}:${statSync(path).gid}`;

/** Lines of `/proc/PID/status`. */
function statusOf(pid: number, ...names: readonly string[]): readonly string[] {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n');
  return names.map((name) => lines.find((line) => line.startsWith(`${name}:`))?.replace(/\s+/g, ' ') ?? '');
}

const commandOf = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

const greeted = () =>
  waitUntil(() => readFileSync(join(base, 'console.log'), 'latin1').includes(GREETING), 20_000);

/** What a stranger can read, write, or list below a directory. */
async function openToStrangers(directory: string): Promise<string> {
  const find = ['find', directory, '-readable', '-o', '-writable'];
  const { stdout } = await execa(
    'setpriv',
    [...['--reuid', String(STRANGER), '--regid', String(STRANGER), '--clear-groups'], ...find],
    { reject: false },
  );
  return stdout;
}

describe.skipIf(whyNot() !== undefined)(
  `QEMU's own user${whyNot() === undefined ? '' : ` (${whyNot()})`}`,
  { timeout: 180_000 },
  () => {
    it('has no privileges, and all that QEMU needs works', async () => {
      const [own, lent, shared] = [image('own.img'), image('lent.img'), image('shared.img')];
      const readable = image('readable.img', 0o644);
      chownSync(lent, 1000, 1000);
      const tpm = hasSwtpm ? "<tpm model='tpm-tis'><backend type='emulator' version='2.0'/></tpm>" : '';
      const passt = hasPasst ? "<interface type='user'><backend type='passt'/></interface>" : '';
      const share = hasVirtiofsd
        ? `<filesystem type='mount'><driver type='virtiofs'/><source dir='${base}'/><target dir='x'/></filesystem>`
        : '';
      const pid = await start({
        before: "<memoryBacking><source type='file'/><access mode='shared'/></memoryBacking>",
        devices: `${disk('vda', own)}${disk('vdb', lent)}${disk('vdc', shared, '<shareable/>')}
          ${disk('vdd', readable, '<readonly/>')}
          <serial type='pty'/>
          <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
          <graphics type='vnc'><listen type='socket'/></graphics>${tpm}${passt}${share}`,
      });
      expect(statusOf(pid, 'Uid', 'Gid', 'Groups', 'CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp')).toEqual([
        `Uid: ${`${QEMU_UID} `.repeat(4).trim()}`,
        `Gid: ${`${QEMU_GID} `.repeat(4).trim()}`,
        'Groups: ',
        'CapEff: 0000000000000000',
        'CapBnd: 0000000000000000',
        'NoNewPrivs: 1',
        'Seccomp: 2',
      ]);
      expect(await greeted()).toBe(true);
      const beside = processesOf(root).filter((one) => commandOf(one) === 'swtpm');
      expect(beside.map((one) => statusOf(one, 'Uid', 'CapBnd'))).toEqual(
        hasSwtpm ? [[`Uid: ${`${QEMU_UID} `.repeat(4).trim()}`, 'CapBnd: 0000000000000000']] : [],
      );
      const owners = () => [own, lent, shared, readable].map(ownerOf);
      const ofQemu = `${QEMU_UID}:${QEMU_GID}`;
      expect(owners()).toEqual([ofQemu, ofQemu, ofQemu, '0:0']);
      expect(await openToStrangers(join(root, 'run'))).toBe('');
      expect(await openToStrangers(join(root, 'lib'))).toBe('');
      expect((await qdom(root, ['destroy', 'g'])).exitCode).toBe(0);
      expect(owners()).toEqual(['0:0', '1000:1000', '0:0', '0:0']);
      expect(readdirSync(join(root, 'lib/file-owners'))).toEqual(['.lock']);
      expect(existsSync(join(root, 'lib/ram/g'))).toBe(false);
    });

    it('gives files back when QEMU is killed', async () => {
      const pid = await start({});
      expect(ownerOf(join(base, 'boot.img'))).toBe(`${QEMU_UID}:${QEMU_GID}`);
      process.kill(pid, 'SIGKILL');
      expect(await waitUntil(() => ownerOf(join(base, 'boot.img')) === '0:0', 20_000)).toBe(true);
    });

    it('gives files back when QEMU refuses the start', async () => {
      const after =
        "<qemu:commandline><qemu:arg value='-device'/><qemu:arg value='nonsense'/></qemu:commandline>";
      expect(await refusal({ after })).toContain("'nonsense' is not a valid device model name");
      expect(ownerOf(join(base, 'boot.img'))).toBe('0:0');
      expect(readdirSync(join(root, 'lib/file-owners'))).toEqual(['.lock']);
    });

    it('is another where the domain says so, and files are let alone or given to others as it says', async () => {
      const [kept, given] = [image('kept.img', 0o666), image('given.img', 0o666)];
      const label = (inner: string) => `<seclabel model='dac' ${inner}</seclabel>`;
      const pid = await start({
        devices:
          disk('vda', kept, '', "<seclabel model='dac' relabel='no'/>") +
          disk('vdb', given, '', label("relabel='yes'><label>+61300:+61301</label>")),
        after: label("type='static' relabel='yes'><label>+61240:+61241</label>"),
      });
      expect(statusOf(pid, 'Uid')[0]).toMatch(/^Uid: 61240 /);
      expect([ownerOf(kept), ownerOf(given)]).toEqual(['0:0', '61300:61301']);
      await qdom(root, ['destroy', 'g']);
      expect([ownerOf(kept), ownerOf(given)]).toEqual(['0:0', '0:0']);
    });

    it('is who starts it with a label of the type none; the sandbox can be turned off', async () => {
      configure({ user: `+${QEMU_UID}`, seccompSandbox: false });
      const pid = await start({ after: "<seclabel type='none' model='dac'/>" });
      expect(statusOf(pid, 'Uid', 'Seccomp')).toEqual(['Uid: 0 0 0 0', 'Seccomp: 0']);
      expect(ownerOf(join(base, 'boot.img'))).toBe('0:0');
    });

    it('that nobody knows, or that cannot get to a file, is told with the line before anything is done', async () => {
      configure({ user: 'nobody-of-this-name' });
      expect(await refusal({})).toContain("this host has no user 'nobody-of-this-name'");
      configure({ user: `+${QEMU_UID}` });
      mkdirSync(join(base, 'closed'), { mode: 0o700 });
      const hidden = join(base, 'closed/hidden.img');
      writeFileSync(hidden, bootSector('wait'));
      const told = await refusal({ devices: disk('vda', hidden) });
      expect(told).toMatch(/g\.xml:\d+:\d+: error: QEMU runs as the user '61234', who cannot get to/);
      expect(told).toContain(`chmod o+x '${base}/closed'`);
      expect(ownerOf(join(base, 'boot.img'))).toBe('0:0');
    });

    const noKvm = whyNoKvm();
    it.skipIf(noKvm !== undefined)(
      `reaches KVM by the group of its device${noKvm === undefined ? '' : ` (${noKvm})`}`,
      async () => {
        const refused = await refusal({ type: 'kvm' });
        expect(refused).toContain("who may not read and write '/dev/kvm'");
        // A node of its own in a mount namespace of its own: the host's stays as it is.
        const node = join(base, 'kvm');
        const setUp = `mknod -m 660 ${node} c 10 232 && chgrp 61237 ${node} && mount --bind ${node} /dev/kvm`;
        const cli = [
          '--import',
          import.meta.resolve('tsx'),
          new URL('../../src/cli/qdom.ts', import.meta.url).pathname,
        ];
        const command = [process.execPath, ...cli, '--root', root, 'create', domain({ type: 'kvm' })];
        await execa('unshare', ['-m', 'sh', '-c', `${setUp} && exec "$@"`, 'sh', ...command]);
        const { stdout } = await qdom(root, ['--json', 'dominfo', 'g']);
        const { pid } = JSON.parse(stdout) as { pid: number };
        expect(statusOf(pid, 'Uid', 'Groups')).toEqual([
          `Uid: ${`${QEMU_UID} `.repeat(4).trim()}`,
          'Groups: 61237 ',
        ]);
        expect(await greeted()).toBe(true);
      },
    );
  },
);
