import { closeSync, constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { type Libc, loadLibc } from './ffi.ts';
import { isAlive, type ProcessIdentity } from './process.ts';
import type { HostSystem } from './system.ts';

const PTMX = /^\/dev\/(?:pts\/)?ptmx$/;
/** `_IOR('T', 0x30, unsigned int)`: the number of a terminal, asked of its other end (ioctl_tty(2)). */
const TIOCGPTN = 0x80045430n;
/** How many bytes wait to be read (ioctl_tty(2)). */
const FIONREAD = 0x541bn;
const INT_BYTES = 4;
const LOOK_MS = 50;

/**
 * A pty that QEMU has the other end of, as a stream. What is written to a pty and not read is thrown away when the other end is
 * closed, so that the last words of a guest would be lost on a busy host: QEMU's end is held open here too, and let go once QEMU is
 * gone and everything is read. Where the kernel does not give it (pidfd_getfd(2): Linux 5.6, and the right to trace QEMU),
 * the terminal ends with QEMU.
 * @throws NodeJS.ErrnoException if the terminal cannot be opened
 */
export function openTerminal(host: HostSystem, path: string, qemu: ProcessIdentity): ReadStream {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const terminal = new ReadStream(fd);
  terminal.setRawMode(true);
  const libc = loadLibc();
  const held = holdOtherEnd(host, libc, path, qemu.pid);
  if (held === undefined) return terminal;
  const isRead = () => terminal.readableLength === 0 && askNumber(libc, fd, FIONREAD) === 0;
  let isHeld = true;
  const letGo = () => {
    clearInterval(timer);
    if (isHeld) closeSync(held);
    isHeld = false;
  };
  let looks = 0;
  const timer = setInterval(() => {
    // Twice: what was written last may not have reached our end at the first look.
    looks = !isAlive(host, qemu) && isRead() ? looks + 1 : 0;
    if (looks === 2) letGo();
  }, LOOK_MS).unref();
  terminal.once('close', letGo);
  return terminal;
}

/** A descriptor of ours for the end of the terminal that the process has; undefined where it cannot be had. */
function holdOtherEnd(host: HostSystem, libc: Libc, path: string, pid: number): number | undefined {
  const pidfd = libc.pidfdOpen(pid);
  if (pidfd < 0) return undefined;
  try {
    const fds = `/proc/${pid}/fd`;
    for (const name of host.listDirectory(fds)) {
      if (!PTMX.test(host.readLink(`${fds}/${name}`) ?? '')) continue;
      const fd = libc.pidfdGetfd(pidfd, Number(name));
      if (fd < 0) return undefined;
      if (path === `/dev/pts/${askNumber(libc, fd, TIOCGPTN)}`) return fd;
      closeSync(fd);
    }
    return undefined;
  } finally {
    closeSync(pidfd);
  }
}

function askNumber(libc: Libc, fd: number, request: bigint): number | undefined {
  const answer = Buffer.alloc(INT_BYTES);
  return libc.ioctl(fd, request, answer) < 0 ? undefined : answer.readInt32LE();
}
