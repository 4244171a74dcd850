import { createRequire } from 'node:module';
import { constants } from 'node:os';

/** The few calls of libc that Node does not offer. */
export interface Libc {
  open(path: string, flags: number): number;
  close(fd: number): number;
  ioctl(fd: number, request: bigint, argument: Buffer): number;
  flock(fd: number, operation: number): number;
  fcntl(fd: number, command: number, argument: number): number;
  mkfifo(path: string, mode: number): number;
  socket(domain: number, type: number, protocol: number): number;
  socketpair(domain: number, type: number, protocol: number, fds: Buffer): number;
  bind(fd: number, address: Buffer, length: number): number;
  listen(fd: number, backlog: number): number;
  sched_setaffinity(pid: number, size: number, mask: Buffer): number;
  sched_setscheduler(pid: number, policy: number, parameters: Buffer): number;
  syscall(number: number, command: number, attributes: Buffer, size: number): number;
  pidfdOpen(pid: number): number;
  pidfdGetfd(pidfd: number, fd: number): number;
  /** Where the kernel finds a buffer. */
  address(buffer: Buffer): bigint;
  /** The error of the last call. */
  errno(): number;
}

/** Numbers of system calls that are the same for every processor; glibc has functions for them since 2.36. */
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;

type Koffi = typeof import('koffi');

/**
 * libc by FFI. koffi takes about 10 ms to load, so whoever needs it calls this late; loading it twice costs nothing.
 * @throws Error where koffi has no binary for this platform.
 */
export function loadLibc(): Libc {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const libc = koffi.load(null);
  const numbers = libc.func('long syscall(long number, int first, int second, uint32_t flags)');
  return {
    open: libc.func('int open(const char *path, int flags)'),
    close: libc.func('int close(int fd)'),
    ioctl: libc.func('int ioctl(int fd, uint64_t request, void *argument)'),
    flock: libc.func('int flock(int fd, int operation)'),
    fcntl: libc.func('int fcntl(int fd, int command, long argument)'),
    mkfifo: libc.func('int mkfifo(const char *path, uint32_t mode)'),
    socket: libc.func('int socket(int domain, int type, int protocol)'),
    socketpair: libc.func('int socketpair(int domain, int type, int protocol, void *fds)'),
    bind: libc.func('int bind(int fd, const void *address, uint32_t length)'),
    listen: libc.func('int listen(int fd, int backlog)'),
    sched_setaffinity: libc.func('int sched_setaffinity(int pid, size_t size, const void *mask)'),
    sched_setscheduler: libc.func('int sched_setscheduler(int pid, int policy, const void *parameters)'),
    syscall: libc.func('long syscall(long number, int command, void *attributes, uint32_t size)'),
    pidfdOpen: (pid) => numbers(SYS_PIDFD_OPEN, pid, 0, 0),
    pidfdGetfd: (pidfd, fd) => numbers(SYS_PIDFD_GETFD, pidfd, fd, 0),
    address: (buffer) => BigInt(koffi.address(buffer)),
    errno: () => koffi.errno(),
  };
}

/**
 * The result of a call of libc, or the error in the form that Node's own calls throw.
 * @throws NodeJS.ErrnoException
 */
export function checked(libc: Libc, call: string, result: number, path?: string): number {
  if (result >= 0) return result;
  const errno = libc.errno();
  const code = Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
  const error: NodeJS.ErrnoException = new Error(`${code}: ${call}${path === undefined ? '' : ` '${path}'`}`);
  error.code = code;
  error.errno = -errno;
  error.syscall = call;
  if (path !== undefined) error.path = path;
  throw error;
}
