import type { DeviceRule } from './device-rules.ts';
/** What a file is, as far as anybody here asks. */
export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'fifo' | 'socket' | 'other';
  readonly sizeBytes: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface CommandResult {
  /** -1 when the command could not be started or was ended by a signal. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TapOptions {
  /** `%d` is filled in by the kernel. */
  readonly name: string;
  readonly queues: number;
  /** Instead of /dev/net/tun. */
  readonly device?: string;
}

/** A tap held by descriptors: it goes away with the last of them unless it was there before. */
export interface OpenTap {
  readonly name: string;
  /** One for each queue. */
  readonly fds: readonly number[];
}

/** A program that outlives us. */
export interface DetachedProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** A file to which its output and errors are appended. */
  readonly log: string;
  /** What it inherits, as descriptors 3, 4, … */
  readonly fds: readonly number[];
}

/**
 * Every way in which the host is touched, so that tests can put a fake in its place and fail any call.
 * Calls throw what Node throws (`code: 'ENOENT'`); those that look give nothing where nothing is.
 */
export interface HostSystem {
  /** The names in a directory; none if it is not there. */
  listDirectory(path: string): readonly string[];
  /** A file's text; undefined if it is not there or not readable. */
  readText(path: string): string | undefined;
  /** Where a symbolic link points to; undefined if there is none. */
  readLink(path: string): string | undefined;
  /** The path without symbolic links; undefined if there is nothing. */
  realPath(path: string): string | undefined;
  /** Follows links; undefined if there is nothing. */
  status(path: string): FileStatus | undefined;
  /** Whether this process may open the file for reading and writing. */
  mayUse(path: string): boolean;

  makeDirectory(path: string, mode: number): void;
  removeDirectory(path: string): void;
  removeFile(path: string): void;
  /**
   * Removes a file, or a directory with all that is in it, and follows no link in it, whoever may write there. Nothing where
   * nothing is.
   */
  removeTree(path: string): void;
  rename(from: string, to: string): void;
  /** Of the file itself, not of what a link points to. */
  changeOwner(path: string, uid: number, gid: number): void;
  changeMode(path: string, mode: number): void;
  /** Makes or replaces a file; its content and its name are on disk when this returns. */
  writeFile(path: string, content: string | Uint8Array, mode: number): void;
  /** Makes a file only if it is not there: of two who try, one gets true. */
  claim(path: string, text: string): boolean;
  /** Replaces a file's content in place, keeping its locks. */
  overwrite(path: string, text: string): void;
  /** Appends one line; it is on disk when this returns, and nothing of it if this throws. Half a line at the file's end is cut off. */
  appendLine(path: string, line: string): void;
  /** Copies a file's content; the target must not exist. On disk when this returns. */
  copyFile(from: string, to: string, mode: number): void;

  /** Runs a program to its end, without a shell and with a clean environment. Never throws for its failure. */
  run(program: string, args: readonly string[], options?: { timeoutMs?: number }): Promise<CommandResult>;

  /**
   * Starts a program in a session of its own, standard input from nowhere; gives its pid.
   * It is nobody we wait for: its end is seen by other means.
   */
  spawnDetached(program: DetachedProgram): number;
  /** Sends a signal; false if the process is gone. */
  signal(pid: number, signal: NodeJS.Signals): boolean;
  /**
   * Takes the lock of a file (flock, which the kernel drops with its holder); undefined if another has it.
   * The descriptor is the lock: closing it gives it back.
   */
  tryLock(path: string): number | undefined;
  /** `major:minor` of a block device; undefined if it is none. */
  blockDeviceNumber(path: string): string | undefined;
  /** The device that a node, or a link to one, stands for; undefined if it is none. */
  deviceOf(path: string): DeviceRule | undefined;
  /** Allows a cgroup of version 2 these devices and no others; it ends with the group. */
  allowDevices(group: string, rules: readonly DeviceRule[]): void;
  /** Binds one thread to CPUs (sched_setaffinity(2)). */
  bindThread(tid: number, cpus: readonly number[]): void;
  /** sched_setscheduler(2); the policy's number and its static priority. */
  scheduleThread(tid: number, policy: number, priority: number): void;
  makeFifo(path: string, mode: number): void;
  /** Opens a FIFO and writes `text` into it; what is written stays there as long as somebody has it open. */
  fillFifo(path: string, text: string): number;
  /** A unix stream socket that listens, at a path of any length. Not inherited unless passed on. */
  listenUnix(path: string): number;

  /** Both ends of a unix stream socket that has no name. Not inherited unless passed on. */
  socketPair(): readonly [number, number];

  openTap(options: TapOptions): OpenTap;
  /** The queues of a macvtap, not inherited unless passed on; ENOENT while its device node is not there yet. */
  openMacvtap(name: string, queues: number): readonly number[];
  /** `/dev/vhost-net` and the like, for reading and writing, not inherited unless passed on. */
  openDevice(path: string): number;
  /** A file or a device for reading only. Not inherited unless passed on. */
  openToRead(path: string): number;
  /** A file for writing at its end, made if it is not there. Not inherited unless passed on. */
  openOutput(path: string): number;
  closeDescriptor(fd: number): void;
}
