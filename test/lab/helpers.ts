import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { realHost } from '../../src/host/real.ts';
import { waitUntil } from '../../src/host/wait.ts';
import { attachConsole, findDirectories, type MachineContext } from '../../src/machine/index.ts';
import { type LinuxGuest, linuxGuest } from '../guest/linux.ts';
import { ConsoleReader } from '../helpers/console-reader.ts';

/** Longer than any command takes in there, or a guest to boot, on a busy machine. */
const COMMAND_TIMEOUT_MS = 240_000;
/** The shell beside QEMU becomes a reaper, which finds nothing to do and takes its time to. */
const SETTLE_MS = 100_000;

/** The lab is nobody else's: machines are the system's own, in /etc/qdom and /run/qdom. */
export const system: MachineContext = {
  directories: findDirectories({ uid: 0, home: '/root', env: {} }),
  host: realHost(),
  reapCommand: [],
};

/** A command, as root of the lab. @returns what it printed @throws with what it said */
export async function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const { stdout } = await execa(command, args, { input, timeout: COMMAND_TIMEOUT_MS });
  return stdout;
}

/** The built `qdom`. A file `-` is the input. */
export const qdom = (args: readonly string[], input = '') => run('qdom', args, input);

/** A line of `ip`, `bridge` or `tc`, given as one text; with `-j` its answer is read as JSON. */
export const ip = (line: string) => run('ip', line.split(' '));
export const json = async <T>(line: string): Promise<T> => {
  const [command = '', ...args] = line.split(' ');
  return JSON.parse(await run(command, args)) as T;
};

export const text = (file: string) => readFileSync(file, 'utf8').trim();

/** A guest that runs Linux; only ever asked for where the lab has made it outside. */
export async function linux(): Promise<LinuxGuest> {
  const guest = await linuxGuest();
  if ('missing' in guest) throw new Error(guest.missing);
  return guest;
}

/** A shell in a Linux guest, on its console. */
export interface GuestShell {
  /** What a command line prints, then a line with its status. */
  run(line: string): Promise<string>;
}

/**
 * The shell of a Linux guest that was created paused: it is resumed once its console is read, since what it says to nobody is lost,
 * and so is what is typed before its shell is there.
 */
export async function guestShell(name: string): Promise<GuestShell> {
  const console = new ConsoleReader(await attachConsole(system, name), COMMAND_TIMEOUT_MS);
  await qdom(['resume', name]);
  await console.until('guest is up');
  // The shell's prompt, whatever its directory.
  await console.until(' # ');
  return {
    async run(line) {
      // The echo of what is typed must not look like what it prints.
      console.write(`echo be""gin; ${line}; echo "status $?"; echo e""nd\n`);
      await console.until('begin\r\n');
      return (await console.until('end\r\n')).replaceAll('\r', '').trim();
    },
  };
}

/**
 * What a machine must leave as it found it: links with their addresses and bridges, mounts, control groups, processes, the drivers
 * of PCI functions, hugepages, files. Two of them are compared before and after.
 */
export async function hostState(): Promise<Record<string, unknown>> {
  return {
    links: (await json<Link[]>('ip -j -d link show')).map(settings),
    addresses: lines(await ip('-o address show')).map((line) => line.replace(/ valid_lft.*/, '')),
    routes: lines(await ip('route show table all')),
    vlans: await json('bridge -j vlan show'),
    mounts: text('/proc/self/mounts').split('\n'),
    cgroups: directoriesBelow('/sys/fs/cgroup').map((d) => [d, text(`${d}/cgroup.subtree_control`)]),
    processes: processes(),
    drivers: readdirSync('/sys/bus/pci/devices').map(driverOf),
    hugepages: [0, 1].map((node) => pages(`/sys/devices/system/node/node${node}/hugepages`)),
    files: [...runDirectories(), '/tmp', '/etc/qdom', '/var/lib/qdom', '/dev/hugepages', '/dev/vfio'].flatMap(
      filesBelow,
    ),
  };
}

/** Waits until the processes are those that there were; what else is different then is for the test to compare. */
export async function stateAfter(before: Record<string, unknown>): Promise<Record<string, unknown>> {
  const wanted = JSON.stringify(before.processes);
  // Only this is looked at again and again: looking at everything would take the processor from who is waited for.
  await waitUntil(() => JSON.stringify(processes()) === wanted, SETTLE_MS);
  return hostState();
}

/** Without what the kernel does in its own time after a link comes up. */
function lines(text: string): string[] {
  return text.split('\n').filter((line) => !/fe80:|ff00:/.test(line));
}

interface Link {
  readonly ifname: string;
  readonly [key: string]: unknown;
}

function settings({ ifname, address, mtu, master, flags, linkinfo }: Link) {
  // Whether it carries depends on its neighbours; a bridge's timers run.
  const up = (flags as string[]).includes('UP');
  const { info_kind: kind } = (linkinfo ?? {}) as { info_kind?: string };
  return { ifname, mtu, master, up, kind, ...(kind === 'bridge' ? {} : { address }) };
}

function directoriesBelow(top: string): string[] {
  return readdirSync(top, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [path.join(top, entry.name), ...directoriesBelow(path.join(top, entry.name))])
    .concat(top === '/sys/fs/cgroup' ? [top] : []);
}

/** Those of programs, by their command lines: QEMU, its shell and its helpers are to be gone. The kernel's own come and go. */
function processes(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const state = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
        return command === '' || state === 'Z' ? [] : [command];
      } catch {
        return [];
      }
    })
    .sort();
}

function driverOf(address: string): string {
  const device = `/sys/bus/pci/devices/${address}`;
  let driver = 'none';
  try {
    driver = path.basename(readlinkSync(`${device}/driver`));
  } catch {}
  return `${address} ${driver} ${text(`${device}/driver_override`)}`;
}

function pages(node: string): string[] {
  return readdirSync(node).map((size) => `${size} ${text(`${node}/${size}/nr_hugepages`)}`);
}

/** Without the lab's own. */
function runDirectories(): string[] {
  return readdirSync('/run')
    .filter((name) => !['lab', 'busybox'].includes(name))
    .map((name) => `/run/${name}`);
}

/** Empty directories and locks that qdom keeps by design; what node and vitest keep. */
const KEPT =
  /^\/run\/qdom\/(locks|machines|owners)$|^\/run\/qdom\/(locks\/|owners\/\.lock$)|^\/tmp\/.*(compile-cache|\/ssr)/;

function filesBelow(top: string): string[] {
  try {
    return readdirSync(top, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(top, name))
      .filter((file) => !KEPT.test(file))
      .map((file) => `${file} ${statSync(file, { throwIfNoEntry: false })?.mode.toString(8)}`);
  } catch {
    return [];
  }
}
