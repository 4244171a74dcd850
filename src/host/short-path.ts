import { closeSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** sun_path holds 108 bytes with its NUL (unix(7)). */
export const SOCKET_PATH_BYTES = 107;

/**
 * Calls `use` with a path of the same file that fits into a socket's address: the path itself, or one through this
 * process's descriptor of the directory. The alias holds during the call only: bind and connect look it up at once.
 */
export function withShortPath<T>(path: string, use: (short: string) => T): T {
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES) return use(path);
  const directory = openSync(dirname(path), 'r');
  try {
    return use(`/proc/self/fd/${directory}/${basename(path)}`);
  } finally {
    closeSync(directory);
  }
}
