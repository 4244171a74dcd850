import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { QMP_ERRORS, QmpConnectError, qmpError } from './errors.ts';

/** Where a monitor or guest agent listens: a path of a unix socket, a TCP address, or what is connected already. */
export type Target =
  | string
  | { readonly path: string }
  | { readonly host: string; readonly port: number }
  | { readonly fd: number }
  /** What is connected already, and how messages name it. */
  | { readonly stream: Duplex; readonly name: string }
  | Duplex;

/** A connected stream. Throws `QmpConnectError`; the half-made socket of a failed attempt is destroyed. */
export async function connect(target: Target, signal: AbortSignal): Promise<Duplex> {
  if (isDuplex(target)) return target;
  if (typeof target === 'object' && 'stream' in target) return target.stream;
  const address = typeof target === 'string' ? { path: target } : target;
  const socket = 'fd' in address ? openSocket(address.fd) : new Socket();
  if ('fd' in address) return socket;
  try {
    signal.throwIfAborted();
    socket.connect('path' in address ? { path: address.path } : { host: address.host, port: address.port });
    await once(socket, 'connect', { signal });
    return socket;
  } catch (cause) {
    // A late error of the abandoned attempt would otherwise be an uncaught one.
    socket.on('error', () => {});
    socket.destroy();
    throw cannotConnect(target, signal.aborted ? 'no connection in time' : reasonOf(cause), cause);
  }
}

/** The target as an error message names it. */
function describeTarget(target: Target): string {
  if (isDuplex(target)) return 'the given stream';
  if (typeof target === 'string') return target;
  if ('stream' in target) return target.name;
  if ('path' in target) return target.path;
  if ('fd' in target) return `file descriptor ${target.fd}`;
  return `${target.host}:${target.port}`;
}

export function cannotConnect(target: Target, why: string, cause?: unknown): QmpConnectError {
  const params = { target: describeTarget(target), why };
  return qmpError(QmpConnectError, 'not-sent', QMP_ERRORS['cannot-connect'], params, cause);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ECONNREFUSED: 'nobody listens there',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EAGAIN: 'somebody else is connected and the queue is full',
  EINVAL: 'the path is longer than a socket path can be, or is no path',
};

/** What a system error means, in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const words = REASONS[code];
  if (words !== undefined) return `${words} (${code})`;
  return error.message === '' ? code : error.message;
}

function openSocket(fd: number): Socket {
  try {
    return new Socket({ fd, readable: true, writable: true });
  } catch (cause) {
    throw cannotConnect({ fd }, reasonOf(cause), cause);
  }
}

function isDuplex(target: Target): target is Duplex {
  return typeof target === 'object' && 'pipe' in target && 'write' in target;
}
