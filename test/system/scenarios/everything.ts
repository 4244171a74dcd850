/** One machine with a part of everything: prints what its guest saw of each and what the host looked like around it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { realHost } from '../../../src/host/real.ts';
import { waitUntil } from '../../../src/host/wait.ts';
import { attachConsole, findDirectories } from '../../../src/machine/index.ts';
import { linuxGuest } from '../../guest/linux.ts';
import { qdom as command } from '../../helpers/cli.ts';
import { ConsoleReader } from '../../helpers/console-reader.ts';
import { processesOf } from '../../helpers/machines.ts';
import { makeEncrypted } from '../../helpers/qemu-img.ts';
import { everythingDomain, SECRET_XML } from './everything-domain.ts';

const MEMORY_MIB = 256;
const PAGES = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages';
const PASSPHRASE = 'correct horse';

const root = mkdtempSync(join(tmpdir(), 'everything-'));
const at = (name: string) => join(root, name);
const qdom = async (args: readonly string[], input?: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await command(root, args, input);
  if (exitCode !== 0) throw new Error(`qdom ${args[0]} ended with ${exitCode}: ${stderr}`);
  return stdout;
};
const points: Record<string, unknown> = {};
const pagesBefore = readFileSync(PAGES, 'utf8');
try {
  await prepare();
  points.before = await hostState();
  await qdom(['create', '--paused', at('guest.xml')]);
  points.threads = await threads();
  points.guest = await askGuest();
  points.fromGuest = readFileSync(at('share/from-guest'), 'utf8').trim();
  points.during = await hostState();
  await qdom(['destroy', 'everything']);
  await waitForProcesses();
  points.afterDestroy = await hostState();

  await qdom(['create', at('guest.xml')]);
  for (const pid of processesOf(root)) process.kill(pid, 'SIGKILL');
  await qdom(['list']);
  await waitForProcesses();
  points.afterKill = await hostState();
} finally {
  await command(root, ['destroy', 'everything']);
  writeFileSync(PAGES, pagesBefore);
  await execa('umount', [at('hugepages')], { reject: false });
  rmSync(root, { recursive: true, force: true });
}
process.stdout.write(JSON.stringify(points));

/** The host as the operator has it before: a bridge, a link to stand for the network card, pages, a disk, a secret. */
async function prepare(): Promise<void> {
  const guest = await linuxGuest();
  if ('missing' in guest) throw new Error(guest.missing);
  await execa('ip', ['link', 'add', 'br0', 'up', 'type', 'bridge']);
  await execa('ip', ['link', 'add', 'eth-test', 'up', 'type', 'veth', 'peer', 'name', 'eth-peer']);
  for (const directory of ['hugepages', 'share']) mkdirSync(at(directory));
  await execa('mount', ['-t', 'hugetlbfs', '-o', 'pagesize=2M', 'none', at('hugepages')]);
  writeFileSync(PAGES, String(Number(pagesBefore) + MEMORY_MIB / 2));
  writeFileSync(at('share/greeting'), 'hello from the host\n');
  writeFileSync(at('share/from-guest'), '');
  writeFileSync(at('passphrase'), PASSPHRASE, { mode: 0o600 });
  const secret = ['--object', `secret,id=key,file=${at('passphrase')}`];
  const format = ['-f', 'luks', '-o', 'key-secret=key,iter-time=100'];
  makeEncrypted(['create', ...secret, ...format, at('disk.luks'), '8M']);
  writeFileSync(at('plain'), 'a secret on the disk\n'.padEnd(512, ' '));
  const target = ['--target-image-opts', `driver=luks,file.filename=${at('disk.luks')},key-secret=key`];
  await execa('qemu-img', ['convert', ...secret, '-n', '-f', 'raw', at('plain'), ...target]);
  writeFileSync(at('secret.xml'), SECRET_XML);
  await qdom(['secret-define', at('secret.xml')]);
  await qdom([
    'secret-set-value',
    '11111111-2222-4333-8444-555555555555',
    '--plain',
    '--file',
    at('passphrase'),
  ]);
  const places = { disk: at('disk.luks'), share: at('share'), memoryMiB: MEMORY_MIB };
  writeFileSync(at('guest.xml'), everythingDomain({ ...guest, ...places }));
  await qdom(['compile', at('guest.xml')]);
}

/** What the guest says of each of its devices. */
async function askGuest(): Promise<Record<string, string>> {
  const directories = findDirectories({ root, uid: 0, home: root, env: {} });
  const stream = await attachConsole({ directories, host: realHost(), reapCommand: [] }, 'everything');
  const console = new ConsoleReader(stream);
  await qdom(['resume', 'everything']);
  await console.until('guest is up');
  const ask = async (line: string): Promise<string> => {
    console.write(`echo "<<"; ${line}; echo ">""end"\n`);
    await console.until('<<\r\n');
    return (await console.until('>end')).trim();
  };
  const answers = {
    macs: await ask('cat /sys/class/net/eth*/address'),
    tpm: await ask('cat /sys/class/tpm/tpm0/tpm_version_major'),
    share: await ask(
      'mkdir /s; mount -t virtiofs share /s && cat /s/greeting; echo hello from the guest > /s/from-guest',
    ),
    disk: await ask('head -c 20 /dev/vda'),
    memory: await ask('grep MemTotal /proc/meminfo'),
    cpus: await ask('nproc'),
  };
  stream.destroy();
  return answers;
}

/** CPUs that QEMU's threads may run on, by their names. */
async function threads(): Promise<Record<string, string>> {
  const { pid } = JSON.parse(await qdom(['dominfo', 'everything', '--json'])) as { pid: number };
  const tasks = readdirSync(`/proc/${pid}/task`).map((task) => {
    const name = readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim();
    const cpus = /Cpus_allowed_list:\s*(\S+)/.exec(
      readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8'),
    )?.[1];
    return [name, cpus ?? ''];
  });
  return Object.fromEntries(tasks.filter(([name]) => name?.startsWith('CPU ')));
}

/** All that a machine could leave behind. Logs, empty lock files, the directories of notes and the TPM's state stay by design. */
async function hostState(): Promise<Record<string, unknown>> {
  const { stdout: links } = await execa('ip', ['-o', 'link', 'show']);
  const { stdout: cgroups } = await execa('find', ['/sys/fs/cgroup', '-type', 'd', '-name', '*everything*']);
  const kept =
    /\/(log|cache|tpm|swtpm|run\/locks|run\/owners\/\.lock)(\/|$)|^\/(run\/(owners|machines)|lib\/temporary-files)$/;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => !kept.test(`/${file}`))
    .sort();
  const disk = statSync(at('disk.luks'));
  return {
    // A bridge that had a port once says that it has no carrier; a new one does not.
    links: links.split('\n').map((line) =>
      line
        .replace(/^\d+: /, '')
        .replace(/ (state|mode) .*$/, '')
        .replace(/NO-CARRIER,|,LOWER_UP/, ''),
    ),
    mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n'),
    cgroups: cgroups.split('\n').filter(Boolean),
    processes: processesOf(root).map((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
    ),
    files,
    disk: { uid: disk.uid, gid: disk.gid, mode: disk.mode },
    freePages: readFileSync(join(PAGES, '../free_hugepages'), 'utf8').trim(),
  };
}

/** The reaper that QEMU's shell becomes finds nothing to do, and takes its time to. */
async function waitForProcesses(): Promise<void> {
  await waitUntil(() => processesOf(root).length === 0, 30_000);
}
