import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { fail, QdomError } from '../../errors/index.ts';
import { reasonOf } from '../target.ts';
import { CAPABILITY_ERRORS } from './errors.ts';

/** A QEMU without a machine, there to be asked. */
export interface StartedQemu {
  readonly pid: number;
  /** Its monitor: our end of a socket pair, so that no file is left and its death is seen at once. */
  readonly monitor: Duplex;
  /** Ends and reaps it. Never throws. */
  end(): Promise<void>;
  /** The error to give for `cause`: what QEMU wrote comes first, then how it ended. */
  explain(cause: unknown): Promise<QdomError>;
}

const MAX_STDERR_CHARS = 4096;
const MONITOR_FD = 3;

/** Starts QEMU with no machine and its monitor on an inherited socket. Throws `capabilities/qemu-cannot-start`. */
export async function startQemu(binary: string, accel: string, signal: AbortSignal): Promise<StartedQemu> {
  if (signal.aborted) throw abortReason(binary, signal.reason, '');
  const child = spawn(binary, qemuArguments(accel), {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  });
  child.stdin?.on('error', () => {});
  const stderr = collectStderr(child);
  const exited = once(child, 'close');
  exited.catch(() => {});
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw fail(CAPABILITY_ERRORS['qemu-cannot-start'], { binary, why: reasonOf(cause) }, { cause });
  }
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const monitor = child.stdio[MONITOR_FD];
  if (!(monitor instanceof Duplex)) throw new TypeError('the monitor is no socket');
  return {
    pid: child.pid ?? 0,
    monitor,
    async end() {
      signal.removeEventListener('abort', kill);
      kill();
      monitor.destroy();
      await exited;
    },
    async explain(cause) {
      // The socket's end is often seen before the exit status: wait for it where QEMU is on its way out.
      const hasEnded = await endsByItself(child, exited);
      // Read after the wait: whoever gave up meanwhile (the other QEMU of a pair, a deadline) has the reason.
      if (signal.aborted) return abortReason(binary, signal.reason, stderr());
      if (!hasEnded) return silent(binary, cause, stderr());
      const how = child.exitCode === null ? `signal ${child.signalCode}` : `exit status ${child.exitCode}`;
      return fail(CAPABILITY_ERRORS['qemu-ended'], { binary, how, stderr: stderr() }, { cause });
    },
  };
}

/**
 * The migration that it waits for on standard input never comes: that input ends when this process does, however it does,
 * and QEMU then gives up and exits. So a killed probe leaves no QEMU behind.
 */
function qemuArguments(accel: string): readonly string[] {
  return [
    ...['-no-user-config', '-nodefaults', '-display', 'none', '-S'],
    ...['-machine', `none,accel=${accel}`, '-incoming', 'fd:0'],
    ...['-chardev', `socket,id=monitor,fd=${MONITOR_FD}`, '-mon', 'chardev=monitor,mode=control'],
  ];
}

/** Whether QEMU ends without being killed, in the little time that a process on its way out needs. */
async function endsByItself(child: ChildProcess, exited: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 500);
  });
  await Promise.race([exited, patience]);
  clearTimeout(timer);
  return child.exitCode !== null || child.signalCode !== null;
}

/** What the child wrote, its end if it is long, in one line. */
function collectStderr(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-MAX_STDERR_CHARS);
  });
  return () =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join('; ');
}

function abortReason(binary: string, reason: unknown, stderr: string): QdomError {
  return reason instanceof QdomError ? reason : silent(binary, reason, stderr);
}

function silent(binary: string, cause: unknown, stderr: string): QdomError {
  return fail(CAPABILITY_ERRORS['qemu-silent'], { binary, why: reasonOf(cause), stderr }, { cause });
}
