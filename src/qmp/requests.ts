import { messageOf } from '../errors/index.ts';
import {
  type CommandOutcome,
  QMP_ERRORS,
  QmpAbortedError,
  QmpCommandError,
  type QmpError,
  QmpStateError,
  QmpTimeoutError,
  qmpError,
} from './errors.ts';
import { encodeMessage } from './framing.ts';

/** What QEMU says to one command. */
export type Reply =
  | { readonly return: unknown }
  | { readonly error: { readonly class: string; readonly desc: string } };

export interface RequestOptions {
  /** Deadline in milliseconds; when it passes, a command that was sent has an unknown outcome. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Send it out of band: QEMU takes it before those that wait. */
  readonly oob?: boolean;
  /** Where ids are not echoed: whether this can be our answer. One that cannot is a late one to an earlier command. */
  readonly accepts?: (value: unknown) => boolean;
}

interface Pending {
  readonly command: string;
  readonly accepts: ((value: unknown) => boolean) | undefined;
  readonly bytes: Uint8Array;
  sent: boolean;
  settle(result: { readonly value: unknown } | { readonly error: QmpError }): void;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The commands of one connection, each settled exactly once: by its reply, its deadline, its caller's signal, or the
 * end of the connection. Commands beyond `maxInFlight` wait here; a command whose caller gave up still counts until
 * it is answered, because QEMU still has it.
 */
export class RequestTable {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #idPrefix: string;
  /** Sent and unanswered, in order; `undefined` where the caller gave up. */
  readonly #unanswered = new Map<string, Pending | undefined>();
  #inBandIds = new Set<string>();
  #queue = new Map<string, Pending>();
  #lastId = 0;
  #late = 0;
  #unknown = 0;
  maxInFlight = Number.POSITIVE_INFINITY;

  /** `idPrefix` differs by connection: QEMU may answer a former client's command to the next one. */
  constructor(write: (bytes: Uint8Array) => void, idPrefix: string) {
    this.#write = write;
    this.#idPrefix = idPrefix;
  }

  /** Replies that came after their command's deadline, and replies to what this connection never asked. */
  get stray(): { readonly late: number; readonly unknown: number } {
    return { late: this.#late, unknown: this.#unknown };
  }

  /** Sends a command and gives what it returned. Throws the errors that `QmpError` draws. */
  request(
    command: string,
    args: Readonly<Record<string, unknown>> | undefined,
    options: RequestOptions,
  ): Promise<unknown> {
    const id = `${this.#idPrefix}-${++this.#lastId}`;
    const promise = new Promise<unknown>((resolve, reject) => {
      if (options.signal?.aborted) throw aborted(command, 'not-sent', options.signal.reason);
      const pending: Pending = {
        command,
        accepts: options.accepts,
        bytes: encode(command, args, id, options.oob === true),
        sent: false,
        settle: (result) => {
          clearTimeout(timer);
          options.signal?.removeEventListener('abort', onAbort);
          if ('error' in result) reject(result.error);
          else resolve(result.value);
        },
      };
      const timer = setTimeout(
        () => this.#giveUp(id, pending, timedOut(command, pending.sent, options.timeoutMs)),
        Math.min(options.timeoutMs, MAX_TIMER_MS),
      );
      const onAbort = (): void =>
        this.#giveUp(
          id,
          pending,
          aborted(command, pending.sent ? 'unknown' : 'not-sent', options.signal?.reason),
        );
      options.signal?.addEventListener('abort', onAbort, { once: true });
      if (options.oob === true) this.#send(id, pending);
      else this.#enqueue(id, pending);
    });
    // Callers may pipeline and await later; a rejection before that is no unhandled one.
    promise.catch(() => {});
    return promise;
  }

  /** Takes a reply by its id. */
  answer(id: unknown, reply: Reply): void {
    if (typeof id !== 'string' || !this.#unanswered.has(id)) {
      this.#unknown++;
      return;
    }
    const pending = this.#unanswered.get(id);
    if ('return' in reply && pending?.accepts?.(reply.return) === false) {
      this.#late++;
      return;
    }
    this.#unanswered.delete(id);
    this.#inBandIds.delete(id);
    if (pending === undefined) this.#late++;
    else if ('error' in reply) pending.settle({ error: new QmpCommandError(pending.command, reply.error) });
    else pending.settle({ value: reply.return });
    this.#sendQueued();
  }

  /** The oldest command that is sent and unanswered: to whom a reply without id belongs where ids are not echoed. */
  oldestUnanswered(): string | undefined {
    return this.#unanswered.keys().next().value;
  }

  /** Forgets those whose callers gave up: their replies cannot come any more. */
  forgetAbandoned(): void {
    for (const [id, pending] of [...this.#unanswered]) {
      if (pending !== undefined) continue;
      this.#unanswered.delete(id);
      this.#inBandIds.delete(id);
    }
    this.#sendQueued();
  }

  /** Settles everything; nothing is sent afterwards. */
  failAll(errorFor: (command: string, outcome: 'unknown' | 'not-sent') => QmpError): void {
    const all = [...this.#unanswered.values(), ...this.#queue.values()];
    this.#unanswered.clear();
    this.#inBandIds = new Set();
    this.#queue = new Map();
    for (const pending of all)
      pending?.settle({ error: errorFor(pending.command, pending.sent ? 'unknown' : 'not-sent') });
  }

  #enqueue(id: string, pending: Pending): void {
    this.#queue.set(id, pending);
    this.#sendQueued();
  }

  #sendQueued(): void {
    for (const [id, pending] of this.#queue) {
      if (this.#inBandIds.size >= this.maxInFlight) return;
      this.#queue.delete(id);
      this.#inBandIds.add(id);
      this.#send(id, pending);
    }
  }

  #send(id: string, pending: Pending): void {
    pending.sent = true;
    this.#unanswered.set(id, pending);
    this.#write(pending.bytes);
  }

  #giveUp(id: string, pending: Pending, error: QmpError): void {
    if (this.#queue.delete(id) || this.#unanswered.get(id) === pending) {
      if (this.#unanswered.has(id)) this.#unanswered.set(id, undefined);
      pending.settle({ error });
    }
  }
}

function encode(
  command: string,
  args: Readonly<Record<string, unknown>> | undefined,
  id: string,
  oob: boolean,
): Uint8Array {
  try {
    return encodeMessage({
      [oob ? 'exec-oob' : 'execute']: command,
      ...(args === undefined ? {} : { arguments: args }),
      id,
    });
  } catch (cause) {
    const why = messageOf(cause);
    throw qmpError(QmpStateError, 'not-sent', QMP_ERRORS['arguments-not-json'], { command, why }, cause);
  }
}

function timedOut(command: string, sent: boolean, timeoutMs: number): QmpError {
  const params = { command, timeoutMs };
  return sent
    ? qmpError(QmpTimeoutError, 'unknown', QMP_ERRORS['timed-out'], params)
    : qmpError(QmpTimeoutError, 'not-sent', QMP_ERRORS['not-sent-in-time'], params);
}

function aborted(command: string, outcome: CommandOutcome, reason: unknown): QmpError {
  return qmpError(QmpAbortedError, outcome, QMP_ERRORS.aborted, { what: `'${command}'` }, reason);
}
