import { QMP_ERRORS, QmpProtocolError, QmpStateError, qmpError } from './errors.ts';
import { type AnyEvent, EventHub, type EventStream } from './events.ts';
import { type Message, type OpenOptions, type RunState, Session } from './session.ts';
import type { Target } from './target.ts';
import type { QmpCommands, QmpEvents } from './types.generated.ts';

/** 30 s: far beyond what a healthy QEMU needs, and short enough that a hung one is noticed. */
const DEFAULT_TIMEOUT_MS = 30_000;

export type CommandName = keyof QmpCommands;
export type EventName = keyof QmpEvents;

/** One of QEMU's events with its data. */
export type QmpEvent<N extends EventName = EventName> = {
  readonly [K in N]: {
    readonly event: K;
    readonly data: QmpEvents[K];
    readonly timestamp: AnyEvent['timestamp'];
  };
}[N];

export interface ExecuteOptions {
  /** Deadline in milliseconds; `DEFAULT_TIMEOUT_MS` unless given. Its expiry leaves the outcome unknown. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Out of band, where QEMU offers it: taken before the commands that wait, such as a hung one. */
  readonly oob?: boolean;
}

export interface ConnectOptions {
  /** Deadline in milliseconds for connecting, greeting and negotiation together. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Whether to turn on out-of-band commands where QEMU offers them; on unless `false`. */
  readonly oob?: boolean;
  /** A longer message is a protocol error; 64 MiB unless given. */
  readonly maxMessageBytes?: number;
  readonly onStateChange?: (state: RunState) => void;
}

type Arguments<C extends CommandName> = QmpCommands[C]['arguments'];
type RestOf<C extends CommandName> =
  Record<never, never> extends Arguments<C>
    ? [args?: Arguments<C>, options?: ExecuteOptions]
    : [args: Arguments<C>, options?: ExecuteOptions];

/** What QEMU says of itself when somebody connects. */
export interface Greeting {
  readonly version: { readonly major: number; readonly minor: number; readonly micro: number };
  readonly package: string;
  readonly oob: boolean;
}

/**
 * With out-of-band on, QEMU takes 8 commands into its queue and reads no further, so that an out-of-band one behind
 * them would wait too; the client keeps the rest (docs/interop/qmp-spec, "Out-of-band execution").
 */
const OOB_MAX_IN_FLIGHT = 8;

/** A connection to one QEMU's monitor. Make it with `QmpClient.connect`. */
export class QmpClient {
  readonly #session: Session;
  readonly #events = new EventHub();
  #greeting: Greeting | undefined;
  #oob = false;

  private constructor(options: ConnectOptions) {
    this.#session = new Session({
      negotiate: (session, timeoutMs) => this.#negotiate(session, timeoutMs, options.oob !== false),
      onEvent: (message) => this.#events.publish(readEvent(message)),
      onClosed: (reason) => this.#events.end(reason),
      ...(options.onStateChange === undefined ? {} : { onStateChange: options.onStateChange }),
      ...(options.maxMessageBytes === undefined ? {} : { maxMessageBytes: options.maxMessageBytes }),
    });
  }

  /**
   * Connects, takes the greeting and negotiates. Throws `QmpConnectError`, `QmpConnectionLostError`,
   * `QmpProtocolError` or `QmpCommandError`; nothing is left open then.
   */
  static async connect(target: Target, options: ConnectOptions = {}): Promise<QmpClient> {
    const client = new QmpClient(options);
    const open: OpenOptions = {
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    await client.#session.open(target, open);
    return client;
  }

  get state(): RunState {
    return this.#session.state;
  }

  /** Why the connection ended, if not by `close`. */
  get closeReason(): Session['closeReason'] {
    return this.#session.closeReason;
  }

  /** Replies that came too late, and replies to what was never asked here. */
  get strayReplies(): Session['strayReplies'] {
    return this.#session.strayReplies;
  }

  /** What QEMU said when we connected. */
  get greeting(): Greeting {
    if (this.#greeting === undefined)
      throw qmpError(QmpStateError, 'not-sent', QMP_ERRORS['not-running'], {
        command: 'greeting',
        state: this.state,
      });
    return this.#greeting;
  }

  /** Whether commands can be sent out of band. */
  get oob(): boolean {
    return this.#oob;
  }

  /**
   * Executes a command and gives what it returned. Throws `QmpCommandError` (refused), `QmpTimeoutError`,
   * `QmpAbortedError`, `QmpConnectionLostError`, `QmpProtocolError` (`outcome` says whether QEMU may have done it)
   * and `QmpStateError`.
   */
  execute<C extends CommandName>(command: C, ...rest: RestOf<C>): Promise<QmpCommands[C]['returns']> {
    const [args, options] = rest;
    return this.call(command, args, options) as Promise<QmpCommands[C]['returns']>;
  }

  /** As `execute`, for a command that these types do not know. */
  call(command: string, args?: object, options: ExecuteOptions = {}): Promise<unknown> {
    if (options.oob === true && !this.#oob) {
      const refused = Promise.reject(
        qmpError(QmpStateError, 'not-sent', QMP_ERRORS['oob-not-offered'], { command }),
      );
      refused.catch(() => {});
      return refused;
    }
    return this.#session.request(command, args as Message | undefined, {
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.oob === true ? { oob: true } : {}),
    });
  }

  /** All events from now on, or those of the given names. The iteration ends with the connection. */
  events<N extends EventName = EventName>(...names: readonly N[]): EventStream<QmpEvent<N>> {
    return this.#events.stream((event): event is QmpEvent<N> => isNamed(event, names));
  }

  /**
   * The first such event from now on: ask before the command that causes it, await after. Throws `QmpTimeoutError`,
   * `QmpAbortedError` and `QmpConnectionLostError`.
   */
  waitFor<N extends EventName>(
    name: N | readonly N[],
    predicate: (event: QmpEvent<N>) => boolean = () => true,
    options: Pick<ExecuteOptions, 'timeoutMs' | 'signal'> = {},
  ): Promise<QmpEvent<N>> {
    const names = typeof name === 'string' ? [name] : name;
    return this.#events.waitFor(
      names.join("' or '"),
      (event): event is QmpEvent<N> => isNamed(event, names) && predicate(event),
      {
        timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
    );
  }

  /** Closes the connection; QEMU runs on. Never throws. */
  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #negotiate(session: Session, timeoutMs: number, wantOob: boolean): Promise<void> {
    const greeting = readGreeting(await session.greeting);
    this.#oob = wantOob && greeting.oob;
    await session.request('qmp_capabilities', this.#oob ? { enable: ['oob'] } : undefined, { timeoutMs });
    if (this.#oob) session.limitInFlight(OOB_MAX_IN_FLIGHT);
    this.#greeting = greeting;
  }
}

function isNamed<N extends EventName>(event: AnyEvent, names: readonly N[]): event is QmpEvent<N> {
  return names.length === 0 || names.some((name) => name === event.event);
}

function readEvent(message: Message): AnyEvent {
  const { event, data } = message;
  const { seconds, microseconds } = asMessage(message.timestamp) ?? {};
  return {
    event: String(event),
    data: data ?? {},
    timestamp: { seconds: numberOr(-1, seconds), microseconds: numberOr(-1, microseconds) },
  };
}

function readGreeting(message: Message): Greeting {
  const hello = asMessage(message.QMP);
  const version = asMessage(hello?.version);
  const qemu = asMessage(version?.qemu);
  if (qemu === undefined)
    throw qmpError(QmpProtocolError, 'not-sent', QMP_ERRORS['protocol-violated'], {
      why: 'the greeting has no version',
    });
  return {
    version: {
      major: numberOr(0, qemu.major),
      minor: numberOr(0, qemu.minor),
      micro: numberOr(0, qemu.micro),
    },
    package: typeof version?.package === 'string' ? version.package : '',
    oob: Array.isArray(hello?.capabilities) && hello.capabilities.includes('oob'),
  };
}

function asMessage(value: unknown): Message | undefined {
  return typeof value === 'object' && value !== null ? (value as Message) : undefined;
}

function numberOr(fallback: number, value: unknown): number {
  return typeof value === 'number' ? value : fallback;
}
