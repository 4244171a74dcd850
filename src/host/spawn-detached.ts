import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync } from 'node:fs';
import type { Libc } from './ffi.ts';
import type { DetachedProgram } from './system.ts';

const F_GETFD = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const FIRST_BEYOND_STDIO = 3;

/**
 * Starts a program in a session of its own; gives its pid. It gets the descriptors that it is meant to have and no
 * others: not even those that whoever started us has left open.
 */
export function spawnDetached(libc: Libc, { program, args, cwd, env, log, fds }: DetachedProgram): number {
  const logFd = openSync(log, 'a', 0o600);
  const leaking = inheritable(libc);
  try {
    for (const fd of leaking) libc.fcntl(fd, F_SETFD, FD_CLOEXEC);
    const child = spawn(program, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', logFd, logFd, ...fds],
    });
    child.on('error', () => {});
    child.unref();
    if (child.pid === undefined) throw new Error(`'${program}' cannot be started`);
    return child.pid;
  } finally {
    for (const fd of leaking) libc.fcntl(fd, F_SETFD, 0);
    closeSync(logFd);
  }
}

/** Our descriptors that any program we start would get: Node's own are closed by exec. */
function inheritable(libc: Libc): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => {
      const flags = fd < FIRST_BEYOND_STDIO ? -1 : libc.fcntl(fd, F_GETFD, 0);
      return flags >= 0 && (flags & FD_CLOEXEC) === 0;
    });
}
