import { dirname } from 'node:path';
import { fail } from '../errors/index.ts';
import type { HostRequirement, QemuUserRequirement } from '../plan/index.ts';
import { hostErrors } from './errors.ts';
import { requireProgram } from './programs.ts';
import type { FileStatus, HostSystem } from './system.ts';

/** As whom a process runs. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  /** Its supplementary groups. */
  readonly groups: readonly number[];
}

interface Names {
  readonly user: string;
  readonly group?: string | undefined;
}

/**
 * A user and a group of this host. A name counts before a number; `+1000` is a number at once (format: "Security label").
 * @throws QdomError `host/no-such-user`.
 */
export async function findCredentials({ user, group }: Names, host: HostSystem): Promise<Credentials> {
  const found = user.startsWith('+') ? undefined : await entry('passwd', user, host);
  const uid = found === undefined ? numberOf(user) : Number(found[2]);
  if (uid === undefined) throw fail(hostErrors['no-such-user'], { kind: 'user', name: user });
  const known = found ?? linesOf('passwd', host).find(([, , id]) => id === String(uid));
  const ownGroup = known === undefined ? uid : Number(known[3]);
  const gid = group === undefined ? ownGroup : await findGroup(group, host);
  return { uid, gid, groups: known === undefined ? [] : groupsOf(known[0] ?? '', host) };
}

async function findGroup(group: string, host: HostSystem): Promise<number> {
  const found = group.startsWith('+') ? undefined : await entry('group', group, host);
  const gid = found === undefined ? numberOf(group) : Number(found[2]);
  if (gid === undefined) throw fail(hostErrors['no-such-user'], { kind: 'group', name: group });
  return gid;
}

function numberOf(text: string): number | undefined {
  const digits = /^\+?(\d{1,10})$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The line of a name in passwd(5) or group(5); what is not in the file may be known to NSS (getent(1)). */
async function entry(
  database: 'passwd' | 'group',
  key: string,
  host: HostSystem,
): Promise<readonly string[] | undefined> {
  const line = linesOf(database, host).find(([name]) => name === key);
  if (line !== undefined) return line;
  const { exitCode, stdout } = await host.run('getent', ['--', database, key]);
  return exitCode === 0 && stdout !== '' ? stdout.trim().split(':') : undefined;
}

function linesOf(database: 'passwd' | 'group', host: HostSystem): string[][] {
  return (host.readText(`/etc/${database}`) ?? '').split('\n').map((line) => line.split(':'));
}

function groupsOf(user: string, host: HostSystem): readonly number[] {
  return linesOf('group', host)
    .filter(([, , , members = '']) => members.split(',').includes(user))
    .map(([, , gid]) => Number(gid));
}

/**
 * As whom QEMU will run; undefined where that is whoever starts it. The groups of the devices that it shares with others
 * are its too, where they may read and write.
 */
export async function credentialsOfQemu(
  requirements: readonly HostRequirement[],
  host: HostSystem,
): Promise<Credentials | undefined> {
  const wanted = requirements.find((one) => one.type === 'qemu-user');
  if (wanted === undefined) return undefined;
  const { groups, ...found } = await findCredentials(wanted, host);
  if (found.uid === ownUser(host)) return undefined;
  return { ...found, groups: [...new Set([...groups, ...deviceGroups(wanted, host)])] };
}

/** As whom this process runs. */
export function ownUser(host: HostSystem): number | undefined {
  return host.status('/proc/self')?.uid;
}

/** Whether this process has a capability (capabilities(7)); `bit` is its number. */
export function hasCapability(host: HostSystem, bit: bigint): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(host.readText('/proc/self/status') ?? '')?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> bit) & 1n) === 1n;
}

const GROUP_READ_WRITE = 0o060;

function deviceGroups({ devices }: QemuUserRequirement, host: HostSystem): readonly number[] {
  return devices.flatMap((path) => {
    const status = host.status(path);
    if (status === undefined || status.gid === 0) return [];
    return (status.mode & GROUP_READ_WRITE) === GROUP_READ_WRITE ? [status.gid] : [];
  });
}

const READ = 4;
const WRITE = 2;
const THROUGH = 1;

/** Whether the permission bits let a user read, or read and write, a file. Root may everything. */
export function mayOpen(status: FileStatus, access: 'read' | 'write', who: Credentials): boolean {
  return allows(status, access === 'read' ? READ : READ | WRITE, who);
}

function allows({ mode, uid, gid }: FileStatus, wanted: number, who: Credentials): boolean {
  if (who.uid === 0) return true;
  const isOfGroup = gid === who.gid || who.groups.includes(gid);
  const bits = uid === who.uid ? mode >> 6 : isOfGroup ? mode >> 3 : mode;
  return (bits & wanted) === wanted;
}

/** The outermost directory that does not let a user through to `path`; undefined if all do. Those below `within` are not looked at. */
function closedDirectory(
  path: string,
  who: Credentials,
  host: HostSystem,
  within?: string,
): string | undefined {
  return directoriesTo(path).find((directory) => {
    if (within !== undefined && (directory === within || directory.startsWith(`${within}/`))) return false;
    const status = host.status(directory);
    return status !== undefined && !allows(status, THROUGH, who);
  });
}

/** @throws QdomError `host/closed-to-qemu`. */
export function checkTheWay(
  path: string,
  qemu: Credentials | undefined,
  host: HostSystem,
  within?: string,
): void {
  const directory = qemu && closedDirectory(path, qemu, host, within);
  if (directory !== undefined)
    throw fail(hostErrors['closed-to-qemu'], { user: String(qemu?.uid), path, directory });
}

/** `/`, `/a`, `/a/b` of `/a/b/c`. */
function directoriesTo(path: string): readonly string[] {
  const above: string[] = [];
  for (let at = dirname(path); at !== '/' && at !== '.'; at = dirname(at)) above.unshift(at);
  return ['/', ...above];
}

/** What a directory of ours must let anyone do so that QEMU's user gets to its own: pass through, and no more. */
const PASSABLE = 0o711;
const OTHERS_THROUGH = 0o001;

/** Lets QEMU's user through the directories from `within` down to that of `path`. */
export function openTheWay(path: string, within: string | undefined, host: HostSystem): void {
  if (within === undefined) return;
  for (const directory of directoriesTo(path)) {
    if (directory !== within && !directory.startsWith(`${within}/`)) continue;
    const status = host.status(directory);
    if (status !== undefined && (status.mode & OTHERS_THROUGH) === 0)
      host.changeMode(directory, (status.mode | PASSABLE) & 0o7777);
  }
}

/** Gives a file of ours to QEMU's user, who is to use it. */
export function giveToQemu(path: string, who: Credentials | undefined, host: HostSystem): void {
  if (who !== undefined) host.changeOwner(path, who.uid, who.gid);
}

/** The words that start a program as somebody else, without any capability and without a way to get one. */
export function credentialWords(who: Credentials | undefined, host: HostSystem): readonly string[] {
  if (who === undefined) return [];
  return [
    requireProgram(host, 'setpriv', 'QEMU'),
    ...['--reuid', String(who.uid), '--regid', String(who.gid)],
    ...(who.groups.length === 0 ? ['--clear-groups'] : ['--groups', who.groups.join(',')]),
    ...['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs', '--'],
  ];
}
