import { basename, dirname } from 'node:path';
import { fail } from '../errors/index.ts';
import { type Credentials, credentialWords, giveToQemu } from './credentials.ts';
import {
  checkDirectory,
  makeDirectories,
  missingDirectories,
  removeDirectories,
  unlessCode,
} from './directories.ts';
import { hostErrors } from './errors.ts';
import { isAlive, type ProcessIdentity, parseStat, waitForEnd } from './process.ts';
import { SEARCH_PATH } from './programs.ts';
import { SOCKET_PATH_BYTES } from './short-path.ts';
import type { HostSystem } from './system.ts';
import { waitUntil } from './wait.ts';

/** A program beside QEMU, while QEMU runs. */
export interface Helper {
  /** The alias of the device that it serves. */
  readonly device: string;
  readonly program: string;
  /** Where it listens, or would: its note and its log stand beside. */
  readonly socket: string;
}

/** How it is started. */
export interface HelperStart {
  readonly args: readonly string[];
  /** Descriptors that it inherits, from `FIRST_FD` on. One that has its connection so is ready as soon as it runs; others listen first. */
  readonly fds?: readonly number[];
  /** Who connects to its socket. */
  readonly qemu?: Credentials | undefined;
  /** As whom it runs, if not as whoever starts it. */
  readonly runsAs?: Credentials | undefined;
}

/** What it knows the first of these by. */
export const FIRST_FD = 3;

/** Enough to find it, to end it, and to say who it was. */
export interface HelperRecord extends Helper {
  /** The directories of the socket that were not there, outermost first. */
  readonly directories: readonly string[];
  readonly [key: string]: unknown;
}

/**
 * Notes who it is, then becomes the helper: there is no moment in which a helper exists that cannot be found. `set -C` never
 * overwrites: whoever takes an unfinished start back makes the note first, and then the helper is not started.
 */
const SCRIPT = `
set -C
mask=$(umask)
umask 077
read -r stat </proc/self/stat && printf '%s\\n' "$stat" >"$1" || exit 125
umask "$mask"
shift
exec "$@"
`;

const noteOf = (socket: string) => `${socket}.stat`;
const logOf = (socket: string) => `${socket}.log`;
/** What a program leaves: virtiofsd the file of its pid, that of QEMU (to 7.2) in a directory of its own. */
const leftBy = (program: string, socket: string) =>
  basename(program) === 'virtiofsd'
    ? [`${socket}.pid`, `/run/virtiofsd/${socket.replaceAll('/', '.')}.pid`]
    : [];

/** @throws QdomError `host/socket-blocked`, `host/directory-blocked`. */
export function checkHelper(socket: string, host: HostSystem): void {
  checkDirectory(dirname(socket), host);
  if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES)
    throw fail(hostErrors['socket-blocked'], {
      path: socket,
      reason: `a socket's path has at most ${SOCKET_PATH_BYTES} bytes`,
    });
  const there = host.status(socket)?.kind;
  if (there !== undefined && there !== 'socket')
    throw fail(hostErrors['socket-blocked'], { path: socket, reason: 'something else is there' });
}

export function intendHelper({ device, program, socket }: Helper, host: HostSystem): HelperRecord {
  return { device, program, socket, directories: missingDirectories(dirname(socket), host) };
}

const READY_TIMEOUT_MS = 15_000;

/**
 * Starts a helper and waits until it is ready.
 * @throws QdomError `host/helper-failed` with its last words.
 */
export async function startHelper(
  host: HostSystem,
  record: HelperRecord,
  { args, fds = [], qemu, runsAs }: HelperStart,
): Promise<void> {
  const { device, program, socket } = record;
  spawnNoted(host, record, [...credentialWords(runsAs, host), program, ...args], fds);
  const state = () => stateOf(host, record, fds.length > 0);
  await waitUntil(() => state() !== 'starting', READY_TIMEOUT_MS);
  const seen = state();
  if (seen === 'ready') {
    if (fds.length === 0) giveToQemu(socket, qemu, host);
    return;
  }
  const reason =
    seen === 'ended' ? lastWords(host, socket) : `it was not ready within ${READY_TIMEOUT_MS} ms`;
  throw fail(hostErrors['helper-failed'], { device, program, reason });
}

/** Starts a command that first notes who it is. @returns the note's file. */
export function spawnNoted(
  host: HostSystem,
  { device, socket, directories }: HelperRecord,
  command: readonly string[],
  fds: readonly number[] = [],
): string {
  const note = noteOf(socket);
  makeDirectories(directories, host);
  // A descriptor may be of a socket that listens there already.
  for (const left of fds.length === 0 ? [socket, note] : [note])
    unlessCode('ENOENT', () => host.removeFile(left));
  host.overwrite(logOf(socket), '');
  host.spawnDetached({
    program: '/bin/sh',
    args: ['-c', SCRIPT, `qdom:${device}`, note, ...command],
    cwd: '/',
    env: { PATH: SEARCH_PATH, LC_ALL: 'C', HOME: '/' },
    log: logOf(socket),
    fds,
  });
  return note;
}

function stateOf(
  host: HostSystem,
  { program, socket }: Helper,
  isConnected: boolean,
): 'starting' | 'ready' | 'ended' {
  const noted = parseStat(host.readText(noteOf(socket)));
  if (noted === undefined) return 'starting';
  if (!isAlive(host, noted)) return 'ended';
  const isReady = isConnected ? runs(host, noted.pid, program) : host.status(socket) !== undefined;
  return isReady ? 'ready' : 'starting';
}

/** Whether the shell that was started has become the program. A script is run by the interpreter that it names. */
function runs(host: HostSystem, pid: number, program: string): boolean {
  const words = (host.readText(`/proc/${pid}/cmdline`) ?? '').split('\0');
  return words.slice(0, 3).includes(program) && !words.includes(SCRIPT);
}

/** A helper that has ended while its machine runs: why, in its own words. */
export interface EndedHelper {
  readonly device: string;
  readonly program: string;
  readonly lastWords: string;
}

/** Of the helpers that were started those that are no more. */
export function endedHelpers(host: HostSystem, helpers: readonly Helper[]): readonly EndedHelper[] {
  return helpers.flatMap(({ device, program, socket }) => {
    const noted = parseStat(host.readText(noteOf(socket)));
    if (noted === undefined || isAlive(host, noted)) return [];
    return [{ device, program, lastWords: lastWords(host, socket) }];
  });
}

/** What a helper has written; empty if nothing. */
export function helperLog(host: HostSystem, { socket }: Helper): string {
  return host.readText(logOf(socket)) ?? '';
}

/** What helpers write beside what they have to say. */
const NOISE = /bytes to syslog$/;

function lastWords(host: HostSystem, socket: string): string {
  const lines = (host.readText(logOf(socket)) ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !NOISE.test(line));
  return lines.at(-1)?.trim() ?? 'it ended without a word';
}

const NOTE_TIMEOUT_MS = 1_000;

/** Ends it if it is there, and removes its socket, log and note. */
export async function endHelper(
  host: HostSystem,
  { program, socket, directories }: HelperRecord,
): Promise<void> {
  if (host.status(dirname(socket)) === undefined) return;
  const note = noteOf(socket);
  if (!host.claim(note, '\n')) {
    // An empty note is one that the shell is about to fill, or that an undo before this one has made.
    await waitUntil(() => (host.readText(note) ?? '') !== '', NOTE_TIMEOUT_MS);
    const helper = parseStat(host.readText(note));
    if (helper !== undefined) await endProcess(host, helper);
  }
  // That directory may be closed to us, and nothing of ours is in it then.
  const left = leftBy(program, socket).filter((file) => host.status(file) !== undefined);
  for (const file of [socket, logOf(socket), note, ...left])
    unlessCode('ENOENT', () => host.removeFile(file));
  removeDirectories(directories, host);
}

const TERM_TIMEOUT_MS = 3_000;
const KILL_TIMEOUT_MS = 5_000;

async function endProcess(host: HostSystem, helper: ProcessIdentity): Promise<void> {
  if (!isAlive(host, helper)) return;
  host.signal(helper.pid, 'SIGTERM');
  if (await waitForEnd(host, helper, TERM_TIMEOUT_MS)) return;
  host.signal(helper.pid, 'SIGKILL');
  if (await waitForEnd(host, helper, KILL_TIMEOUT_MS)) return;
  throw fail(hostErrors['helper-stays'], { pid: helper.pid, timeoutMs: KILL_TIMEOUT_MS });
}
