import {
  QMP_ERRORS,
  QmpAbortedError,
  QmpConnectionLostError,
  QmpError,
  QmpTimeoutError,
  qmpError,
} from './errors.ts';

/** An event as QEMU sends it. The timestamp is the host's clock; -1 where QEMU could not read it. */
export interface AnyEvent {
  readonly event: string;
  readonly data?: unknown;
  readonly timestamp: { readonly seconds: number; readonly microseconds: number };
}

/** Events from the moment of asking on, in order. The iteration ends when the connection does. */
export interface EventStream<E extends AnyEvent> extends AsyncIterableIterator<E> {
  return(): Promise<IteratorResult<E, undefined>>;
}

/** So many events may wait for a slow reader; beyond, its iteration fails: nothing is dropped silently. */
const MAX_UNREAD = 10_000;

interface Listener {
  event(event: AnyEvent): void;
  end(reason: QmpError | undefined): void;
}

/** Hands each event to all who listen at that moment. */
export class EventHub {
  readonly #listeners = new Set<Listener>();
  #ended: { readonly reason: QmpError | undefined } | undefined;

  /** Gives an event to all listeners; one that throws harms none but itself. */
  publish(event: AnyEvent): void {
    for (const listener of [...this.#listeners]) listener.event(event);
  }

  /** The connection ended: no more events. `reason` is absent when we closed it. */
  end(reason: QmpError | undefined): void {
    this.#ended = { reason };
    for (const listener of [...this.#listeners]) listener.end(reason);
    this.#listeners.clear();
  }

  /** All events from now on that `accept` takes. */
  stream<E extends AnyEvent>(accept: (event: AnyEvent) => event is E): EventStream<E> {
    const stream = new BufferedEvents(accept, () => this.#listeners.delete(stream));
    if (this.#ended === undefined) this.#listeners.add(stream);
    else stream.end();
    return stream;
  }

  /**
   * The first event from now on that `accept` takes. Throws `QmpTimeoutError`, `QmpAbortedError`, and
   * `QmpConnectionLostError` when the connection ends first.
   */
  waitFor<E extends AnyEvent>(
    name: string,
    accept: (event: AnyEvent) => event is E,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<E> {
    const { timeoutMs, signal } = options;
    const promise = new Promise<E>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#listeners.delete(listener);
        settle();
      };
      const listener: Listener = {
        event: (event) => {
          try {
            if (accept(event)) finish(() => resolve(event));
          } catch (error) {
            finish(() => reject(error));
          }
        },
        end: (reason) => finish(() => reject(endedBefore(name, reason))),
      };
      const onAbort = (): void =>
        finish(() =>
          reject(
            qmpError(
              QmpAbortedError,
              'unknown',
              QMP_ERRORS.aborted,
              { what: `the event '${name}'` },
              signal?.reason,
            ),
          ),
        );
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(
              qmpError(QmpTimeoutError, 'unknown', QMP_ERRORS['event-not-seen'], { event: name, timeoutMs }),
            ),
          ),
        timeoutMs,
      );
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#listeners.add(listener);
      if (signal?.aborted) onAbort();
      else if (this.#ended !== undefined) listener.end(this.#ended.reason);
    });
    // One asks for an event before the command that causes it, and awaits it after.
    promise.catch(() => {});
    return promise;
  }
}

class BufferedEvents<E extends AnyEvent> implements EventStream<E>, Listener {
  readonly #accept: (event: AnyEvent) => event is E;
  readonly #unregister: () => void;
  readonly #unread: E[] = [];
  readonly #readers: {
    resolve(result: IteratorResult<E, undefined>): void;
    reject(error: unknown): void;
  }[] = [];
  #failure: unknown;
  #ended = false;

  constructor(accept: (event: AnyEvent) => event is E, unregister: () => void) {
    this.#accept = accept;
    this.#unregister = unregister;
  }

  event(event: AnyEvent): void {
    try {
      if (!this.#accept(event)) return;
    } catch (error) {
      this.#fail(error);
      return;
    }
    const reader = this.#readers.shift();
    if (reader !== undefined) reader.resolve({ done: false, value: event });
    else if (this.#unread.push(event) > MAX_UNREAD)
      this.#fail(qmpError(QmpError, 'unknown', QMP_ERRORS['events-not-read'], { limit: MAX_UNREAD }));
  }

  end(): void {
    this.#ended = true;
    this.#unregister();
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<E, undefined>> {
    const value = this.#unread.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<E, undefined>> {
    this.#unread.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #fail(failure: unknown): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#failure = failure;
    else reader.reject(failure);
    this.end();
  }
}

function endedBefore(name: string, reason: QmpError | undefined): QmpError {
  const why = `the event '${name}' had not come: ${reason?.message ?? 'the connection was closed here'}`;
  return qmpError(QmpConnectionLostError, 'unknown', QMP_ERRORS['connection-ended'], { why }, reason);
}
