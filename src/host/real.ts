import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  ftruncateSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { deviceNumbers } from './device-numbers.ts';
import { attachDeviceRules, type DeviceRule } from './device-rules.ts';
import { checked, loadLibc } from './ffi.ts';
import { listenUnix, socketPair } from './listen.ts';
import { openMacvtap } from './macvtap.ts';
import { SEARCH_PATH } from './programs.ts';
import { removeTree } from './remove-tree.ts';
import { bindThread, scheduleThread } from './scheduler.ts';
import { spawnDetached } from './spawn-detached.ts';
import type { FileStatus, HostSystem } from './system.ts';
import { openTap } from './tap.ts';

const DEFAULT_COMMAND_TIMEOUT_MS = 30_000;

/** The host that this process runs on. */
export function realHost(): HostSystem {
  return {
    listDirectory: (path) => orElse(() => readdirSync(path), []),
    readText: (path) => orElse(() => readFileSync(path, 'utf8'), undefined),
    readLink: (path) => orElse(() => readlinkSync(path), undefined),
    realPath: (path) => orElse(() => realpathSync(path), undefined),
    status: (path) => orElse(() => fileStatus(statSync(path)), undefined),
    mayUse: (path) =>
      orElse(() => {
        accessSync(path, constants.R_OK | constants.W_OK);
        return true;
      }, false),

    makeDirectory: (path, mode) => mkdirSync(path, { mode }),
    removeDirectory: rmdirSync,
    removeFile: unlinkSync,
    removeTree,
    rename: renameSync,
    changeOwner: lchownSync,
    changeMode: chmodSync,
    writeFile: writeDurably,
    claim,
    overwrite: (path, text) => writeFileSync(path, text, { mode: 0o600 }),
    appendLine,
    copyFile: (from, to, mode) => {
      copyFileSync(from, to, constants.COPYFILE_EXCL);
      chmodSync(to, mode);
      syncFile(to);
    },

    run: runCommand,
    spawnDetached: (program) => spawnDetached(loadLibc(), program),
    signal: (pid, signal) =>
      orElse(() => {
        process.kill(pid, signal);
        return true;
      }, false),
    tryLock,
    blockDeviceNumber,
    deviceOf,
    allowDevices: (group, rules) => attachDeviceRules(loadLibc(), group, rules),
    bindThread: (tid, cpus) => bindThread(loadLibc(), tid, cpus),
    scheduleThread: (tid, policy, priority) => scheduleThread(loadLibc(), tid, policy, priority),
    makeFifo: (path, mode) => {
      const libc = loadLibc();
      checked(libc, 'mkfifo', libc.mkfifo(path, mode), path);
    },
    fillFifo,
    listenUnix: (path) => listenUnix(loadLibc(), path),
    socketPair: () => socketPair(loadLibc()),
    openMacvtap: (name, queues) => openMacvtap(loadLibc(), name, queues),
    openTap: (options) => openTap(loadLibc(), options),
    openDevice: (path) => openSync(path, 'r+'),
    openToRead: (path) => openSync(path, 'r'),
    openOutput: (path) => openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600),
    closeDescriptor: closeSync,
  };
}

function fillFifo(path: string, text: string): number {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  writeSync(fd, text);
  return fd;
}

const LOCK_EX = 2;
const LOCK_NB = 4;

function tryLock(path: string): number | undefined {
  const libc = loadLibc();
  const fd = openForLock(path);
  try {
    checked(libc, 'flock', libc.flock(fd, LOCK_EX | LOCK_NB), path);
    return fd;
  } catch (error) {
    closeSync(fd);
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** A directory can be locked as it is; a file is made if it is not there. */
function openForLock(path: string): number {
  try {
    return openSync(path, 'a+', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return openSync(path, 'r');
    throw error;
  }
}

async function runCommand(
  program: string,
  args: readonly string[],
  { timeoutMs = DEFAULT_COMMAND_TIMEOUT_MS }: { timeoutMs?: number } = {},
) {
  // Most commands run no program, and this is the largest of all that a command could load.
  const { execa } = await import('execa');
  const result = await execa(program, args, {
    reject: false,
    extendEnv: false,
    env: { PATH: SEARCH_PATH, LC_ALL: 'C' },
    stdin: 'ignore',
    timeout: timeoutMs,
    forceKillAfterDelay: 1000,
  });
  const why = result.timedOut ? `no answer within ${timeoutMs} ms` : (result.originalMessage ?? '');
  return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr || why };
}

/** Writes beside the file and renames: a reader sees the old or the new text, also after a power cut. */
function writeDurably(path: string, content: string | Uint8Array, mode: number): void {
  const temporary = `${path}.new`;
  try {
    withFile(openSync(temporary, 'w', mode), (fd) => {
      writeFileSync(fd, content);
      fsyncSync(fd);
    });
    renameSync(temporary, path);
  } catch (error) {
    // It may hold half a secret. That the disk is full is the error to tell.
    orElse(() => unlinkSync(temporary), undefined);
    throw error;
  }
  syncDirectory(dirname(path));
}

function withFile(fd: number, use: (fd: number) => void): void {
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}

function claim(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function appendLine(path: string, line: string): void {
  withFile(openSync(path, 'a+', 0o600), (fd) => {
    cutTornLine(fd, path);
    try {
      writeFileSync(fd, `${line}\n`);
    } catch (error) {
      cutTornLine(fd, path);
      throw error;
    }
    fsyncSync(fd);
  });
}

const LINE_FEED = 0x0a;

/** What a full disk or a power cut has left of a line would spoil the one that is appended to it. */
function cutTornLine(fd: number, path: string): void {
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(LINE_FEED) + 1;
  if (whole < bytes.length) ftruncateSync(fd, whole);
}

function syncFile(path: string): void {
  withFile(openSync(path, 'r+'), fsyncSync);
}

function syncDirectory(path: string): void {
  withFile(openSync(path, 'r'), fsyncSync);
}

function blockDeviceNumber(path: string): string | undefined {
  return orElse(() => {
    const stats = statSync(path, { bigint: true });
    return stats.isBlockDevice() ? deviceNumbers(stats.rdev) : undefined;
  }, undefined);
}

function deviceOf(path: string): DeviceRule | undefined {
  return orElse(() => {
    const stats = statSync(path, { bigint: true });
    const kind = stats.isBlockDevice() ? 'b' : stats.isCharacterDevice() ? 'c' : undefined;
    const [major = 0, minor = 0] = deviceNumbers(stats.rdev).split(':').map(Number);
    return kind && { kind, major, minor };
  }, undefined);
}

function fileStatus(stats: Stats): FileStatus {
  const kind = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'directory'
      : stats.isFIFO()
        ? 'fifo'
        : stats.isSocket()
          ? 'socket'
          : 'other';
  return { kind, sizeBytes: stats.size, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
}

/** These say of this process or the system that it has too much at hand, and nothing of the file that was asked for. */
const EXHAUSTED: readonly unknown[] = ['EMFILE', 'ENFILE', 'ENOMEM'];

function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (EXHAUSTED.includes((error as NodeJS.ErrnoException).code)) throw error;
    return otherwise;
  }
}
