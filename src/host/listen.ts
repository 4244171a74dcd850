import { basename } from 'node:path';
import { checked, type Libc } from './ffi.ts';
import { withShortPath } from './short-path.ts';

const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000;
const BACKLOG = 16;
const ADDRESS_BYTES = 110;

/**
 * A listening socket that QEMU can inherit. Node's own server is no substitute: it accepts connections itself.
 * @throws NodeJS.ErrnoException
 */
export function listenUnix(libc: Libc, path: string): number {
  const fd = checked(libc, 'socket', libc.socket(AF_UNIX, SOCK_STREAM_CLOEXEC, 0));
  try {
    withShortPath(path, (short) => {
      const address = Buffer.alloc(ADDRESS_BYTES);
      address.writeUInt16LE(AF_UNIX, 0);
      address.write(short, 2, 'utf8');
      const length = 2 + Buffer.byteLength(short) + 1;
      // The socket's file is for its owner alone from its first moment.
      const before = process.umask(0o177);
      try {
        checked(libc, 'bind', libc.bind(fd, address, length), basename(path));
      } finally {
        process.umask(before);
      }
    });
    checked(libc, 'listen', libc.listen(fd, BACKLOG), path);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

const INT_BYTES = 4;

/**
 * Both ends of a connection that QEMU and a helper inherit.
 * @throws NodeJS.ErrnoException
 */
export function socketPair(libc: Libc): readonly [number, number] {
  const fds = Buffer.alloc(2 * INT_BYTES);
  checked(libc, 'socketpair', libc.socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC, 0, fds));
  return [fds.readInt32LE(0), fds.readInt32LE(INT_BYTES)];
}
