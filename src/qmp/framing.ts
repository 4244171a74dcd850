import { QMP_ERRORS, QmpProtocolError, qmpError } from './errors.ts';

const LINE_FEED = 0x0a;
/** Ends every reply to `guest-sync-delimited` that went before; valid UTF-8 never holds it. */
const RESYNC = 0xff;

/** 64 MiB: the largest JSON text that QEMU itself takes. */
const DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

export interface FramingOptions {
  /** A longer message is a protocol error. */
  readonly maxMessageBytes?: number;
  /** Called at a 0xFF byte (guest agent); without it such a byte is invalid UTF-8. What stood before it is dropped. */
  readonly onResync?: () => void;
}

/**
 * Cuts a stream of bytes into messages: one JSON value a line, as QEMU's monitor (without `pretty=on`) and the guest
 * agent write. Chunks may end anywhere, also inside a character.
 */
export class MessageDecoder {
  readonly #maxMessageBytes: number;
  readonly #onResync: (() => void) | undefined;
  #parts: Uint8Array[] = [];
  #bufferedBytes = 0;

  constructor(options: FramingOptions = {}) {
    this.#maxMessageBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
    this.#onResync = options.onResync;
  }

  /** Bytes of a message whose end has not come yet. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /**
   * Gives the messages that `chunk` completes, one at a time, so that those before a broken one are seen; for
   * `parseMessage`. Throws `QmpProtocolError` for what is too long.
   */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    let rest = chunk;
    for (let end = this.#endOfPart(rest); end >= 0; end = this.#endOfPart(rest)) {
      const isResync = rest[end] === RESYNC;
      this.#buffer(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      const line = this.#take();
      if (isResync) this.#onResync?.();
      else if (!isBlank(line)) yield line;
    }
    this.#buffer(rest);
  }

  #endOfPart(bytes: Uint8Array): number {
    const lineFeed = bytes.indexOf(LINE_FEED);
    if (this.#onResync === undefined) return lineFeed;
    const resync = bytes.indexOf(RESYNC);
    if (lineFeed < 0 || resync < 0) return Math.max(lineFeed, resync);
    return Math.min(lineFeed, resync);
  }

  #buffer(part: Uint8Array): void {
    if (part.length === 0) return;
    if (this.#bufferedBytes + part.length > this.#maxMessageBytes)
      throw violation(`a message is longer than ${this.#maxMessageBytes} bytes`);
    this.#parts.push(part);
    this.#bufferedBytes += part.length;
  }

  #take(): Uint8Array {
    const [first, ...more] = this.#parts;
    const line = more.length === 0 ? (first ?? new Uint8Array()) : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bufferedBytes = 0;
    return line;
  }
}

/** The JSON value of one message. Throws `QmpProtocolError` for what is not UTF-8 or not JSON. */
export function parseMessage(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line));
  } catch (cause) {
    const what = cause instanceof SyntaxError ? 'not JSON' : 'not UTF-8';
    throw violation(`a message is ${what}: ${excerpt(line)}`, cause);
  }
}

/**
 * The bytes of one message. Throws `TypeError` for what JSON cannot say (a bigint, a cycle).
 */
export function encodeMessage(message: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.from(`${JSON.stringify(message)}\n`);
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x0d || byte === 0x20 || byte === 0x09);
}

function excerpt(line: Uint8Array): string {
  const text = Buffer.from(line.subarray(0, 60)).toString('latin1');
  return JSON.stringify(line.length > 60 ? `${text}…` : text);
}

function violation(why: string, cause?: unknown): QmpProtocolError {
  return qmpError(QmpProtocolError, 'unknown', QMP_ERRORS['protocol-violated'], { why }, cause);
}
