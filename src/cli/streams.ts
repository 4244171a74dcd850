import { writeSync } from 'node:fs';

/**
 * Standard output and error, written at once and without Node's streams: to make those takes longer than most commands
 * do. Only where a descriptor does not wait for its reader (somebody else made it non-blocking) a stream takes over, which can.
 */
const streams = new Map<1 | 2, NodeJS.WriteStream>();

/** Writes to standard output. A reader that went away (`qdom list | head -1`) is no error; `onOutError` is told of it. */
export function writeOut(text: string | Uint8Array): void {
  write(1, text);
}

/** Writes to standard error; where nobody takes it there is nowhere left to say so. */
export function writeErr(text: string): void {
  write(2, text);
}

/** Whether everything has been written: nothing is lost if the process ends now. */
export function isWritten(): boolean {
  return [...streams.values()].every(({ writableLength }) => writableLength === 0);
}

/** Standard output as a stream, for what comes from another one. */
export function outStream(): NodeJS.WriteStream {
  return streams.get(1) ?? openStream(1);
}

function openStream(fd: 1 | 2): NodeJS.WriteStream {
  const stream = fd === 1 ? process.stdout : process.stderr;
  streams.set(fd, stream);
  stream.on('error', (error) => cannotWrite(fd, error));
  return stream;
}

function write(fd: 1 | 2, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const stream = streams.get(fd);
  const rest = stream === undefined ? bytes.subarray(writeNow(fd, bytes)) : bytes;
  if (rest.length > 0) (stream ?? openStream(fd)).write(rest);
}

/** @returns how many bytes have been taken */
function writeNow(fd: 1 | 2, bytes: Uint8Array): number {
  let taken = 0;
  try {
    while (taken < bytes.length) taken += writeSync(fd, bytes, taken);
    return taken;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return taken;
    cannotWrite(fd, error as NodeJS.ErrnoException);
    return bytes.length;
  }
}

const out = { failed: false, listeners: new Set<() => void>() };

/** Whether something of standard output is lost that somebody wanted. */
export function outFailed(): boolean {
  return out.failed;
}

/** Calls the listener when standard output takes no more. @returns a function after which it does not */
export function onOutError(listener: () => void): () => void {
  out.listeners.add(listener);
  return () => out.listeners.delete(listener);
}

function cannotWrite(fd: 1 | 2, error: NodeJS.ErrnoException): void {
  if (fd === 2) return;
  for (const listener of out.listeners) listener();
  if (error.code === 'EPIPE' || out.failed) return;
  out.failed = true;
  writeErr(`qdom: error: standard output cannot be written: ${error.message}\n`);
}
