import type { Duplex } from 'node:stream';
import { deferred } from './deferred.ts';
import { QmpError, QmpProtocolError } from './errors.ts';
import { MessageDecoder, parseMessage } from './framing.ts';
import { type Reply, type RequestOptions, RequestTable } from './requests.ts';
import { ended, notRunning, unanswered, violation } from './session-errors.ts';
import { cannotConnect, connect, reasonOf, type Target } from './target.ts';

/** A connection goes through these in this order, and from each but the last may go to `closing`. */
export type RunState = 'idle' | 'connecting' | 'negotiating' | 'running' | 'closing' | 'closed';

/** A JSON object that a peer sent. */
export type Message = Readonly<Record<string, unknown>>;

export interface SessionOptions {
  /** What is said before the first command; it uses `greeting` and `request`. */
  readonly negotiate: (session: Session, timeoutMs: number) => Promise<void>;
  /** The guest agent of old answers without ids, one command after the other, and resynchronises with 0xFF. */
  readonly withoutIds?: boolean;
  readonly onEvent?: (event: Message) => void;
  readonly onStateChange?: (state: RunState) => void;
  /** Called once when the connection is closed; `undefined` when we closed it ourselves. */
  readonly onClosed?: (reason: QmpError | undefined) => void;
  readonly maxMessageBytes?: number;
}

export interface OpenOptions {
  /** Deadline for connecting and negotiating together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** One connection: its run state, the routing of what comes in, and one end for everything that waits. */
export class Session {
  readonly #options: SessionOptions;
  readonly #decoder: MessageDecoder;
  readonly #requests: RequestTable;
  readonly #greeting = deferred<Message>();
  readonly #closed = deferred<void>();
  #state: RunState = 'idle';
  #stream: Duplex | undefined;
  #reason: QmpError | undefined;
  #discarding = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#decoder = new MessageDecoder({
      ...(options.maxMessageBytes === undefined ? {} : { maxMessageBytes: options.maxMessageBytes }),
      ...(options.withoutIds === true ? { onResync: () => this.#resynced() } : {}),
    });
    const idPrefix = Math.random().toString(36).slice(2, 8);
    this.#requests = new RequestTable((bytes) => this.#stream?.write(bytes), idPrefix);
  }

  get state(): RunState {
    return this.#state;
  }
  /** Why the connection ended; `undefined` while it is open and when we closed it. */
  get closeReason(): QmpError | undefined {
    return this.#reason;
  }

  get strayReplies(): { readonly late: number; readonly unknown: number } {
    return this.#requests.stray;
  }

  /** The server's first message. Rejects when the connection ends before it. */
  get greeting(): Promise<Message> {
    return this.#greeting.promise;
  }

  /** How many commands may be unanswered at a time; those beyond wait on our side. */
  limitInFlight(count: number): void {
    this.#requests.maxInFlight = count;
  }

  /**
   * Connects and negotiates; afterwards the session is `running`. Throws `QmpConnectError`, `QmpConnectionLostError`,
   * `QmpProtocolError`, `QmpCommandError`; the connection is closed then.
   */
  async open(target: Target, options: OpenOptions): Promise<void> {
    if (this.#state !== 'idle') throw notRunning('connect', this.#state);
    const expiry = new AbortController();
    const giveUp = (why: string, cause?: unknown): void => {
      expiry.abort();
      this.#terminate(cannotConnect(target, why, cause));
    };
    const onAbort = (): void => giveUp('given up by the caller', options.signal?.reason);
    const timer = setTimeout(() => giveUp(`no answer within ${options.timeoutMs} ms`), options.timeoutMs);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.#enter('connecting');
      if (options.signal?.aborted) onAbort();
      this.#attach(await connect(target, expiry.signal));
      await this.#options.negotiate(this, options.timeoutMs);
      this.#enterFrom('negotiating', 'running');
    } catch (error) {
      this.#terminate(error instanceof QmpError ? error : cannotConnect(target, reasonOf(error), error));
      await this.#closed.promise;
      throw this.#reason ?? error;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Sends one command. Throws what `RequestTable.request` throws, and `QmpStateError` when not connected. */
  request(command: string, args: Message | undefined, options: RequestOptions): Promise<unknown> {
    if (this.#state !== 'running' && this.#state !== 'negotiating') {
      const refused = Promise.reject(notRunning(command, this.#state));
      refused.catch(() => {});
      return refused;
    }
    return this.#requests.request(command, args, options);
  }

  /** Sends a byte 0xFF, which makes a guest agent forget half a command, and drops all that comes until its own 0xFF. */
  startResync(): void {
    this.#discarding = true;
    this.#stream?.write(Uint8Array.of(0xff));
  }

  /** Closes the connection; what still waits is rejected. Resolves when the socket is closed; never throws. */
  async close(): Promise<void> {
    this.#terminate(undefined);
    await this.#closed.promise;
  }

  #enter(state: RunState): void {
    this.#state = state;
    this.#options.onStateChange?.(state);
  }

  #enterFrom(from: RunState, to: RunState): void {
    if (this.#state !== from) throw this.#reason ?? notRunning('connect', this.#state);
    this.#enter(to);
  }

  #attach(stream: Duplex): void {
    if (this.#state !== 'connecting') {
      stream.on('error', () => {});
      stream.destroy();
      throw this.#reason ?? notRunning('connect', this.#state);
    }
    this.#stream = stream;
    this.#enter('negotiating');
    stream.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    stream.on('error', (error) => this.#terminate(ended(reasonOf(error), error)));
    stream.on('end', () => this.#terminate(ended(this.#endOfStream())));
    stream.on('close', () => this.#terminate(ended(this.#endOfStream())));
    if (stream.destroyed) this.#terminate(ended('it was closed before'));
  }

  #endOfStream(): string {
    const bytes = this.#decoder.bufferedBytes;
    return bytes === 0
      ? 'the peer closed it'
      : `the peer closed it in the middle of a message (${bytes} bytes)`;
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const line of this.#decoder.push(chunk)) {
        if (this.#state !== 'negotiating' && this.#state !== 'running') return;
        if (!this.#discarding) this.#route(parseMessage(line));
      }
    } catch (error) {
      if (!(error instanceof QmpProtocolError)) throw error;
      this.#terminate(error);
    }
  }

  #route(message: unknown): void {
    if (!isMessage(message)) throw violation('a message is no object');
    if ('QMP' in message) this.#greeting.resolve(message);
    else if (typeof message.event === 'string') this.#options.onEvent?.(message);
    else this.#answer(message);
  }

  #answer(message: Message): void {
    const reply = readReply(message);
    if (message.id !== undefined) {
      this.#requests.answer(message.id, reply);
    } else if (this.#options.withoutIds === true) {
      this.#requests.answer(this.#requests.oldestUnanswered(), reply);
    } else {
      const desc = 'error' in reply ? `: ${reply.error.desc}` : '';
      throw violation(`a reply has no id${desc}`);
    }
  }

  #resynced(): void {
    this.#discarding = false;
    this.#requests.forgetAbandoned();
  }

  /** The one end of a connection, whoever ended it. `reason` is absent when we wanted it. */
  #terminate(reason: QmpError | undefined): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#reason = reason;
    this.#enter('closing');
    this.#greeting.reject(reason ?? ended('it was closed here'));
    this.#requests.failAll((command, outcome) => unanswered(command, outcome, reason));
    const stream = this.#stream;
    if (stream === undefined || stream.closed) {
      this.#finish();
      return;
    }
    stream.once('close', () => this.#finish());
    stream.destroy();
  }

  #finish(): void {
    this.#enter('closed');
    this.#closed.resolve();
    this.#options.onClosed?.(this.#reason);
  }
}

function readReply(message: Message): Reply {
  if ('return' in message) return { return: message.return };
  const { error } = message;
  if (isMessage(error) && typeof error.class === 'string' && typeof error.desc === 'string')
    return { error: { class: error.class, desc: error.desc } };
  throw violation('a message is no greeting, event or reply');
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
