import { QmpAbortedError, QmpConnectionLostError, QmpTimeoutError } from './errors.ts';
import { type Message, type RunState, Session } from './session.ts';
import type { Target } from './target.ts';

/** A guest may be busy: longer than for QEMU itself. */
const DEFAULT_TIMEOUT_MS = 60_000;
/** Freezing waits until each file system has written everything. */
const FREEZE_TIMEOUT_MS = 300_000;
/** Stands for half a command that some former client left: the agent drops it, and answers with 0xFF before its reply. */
const SYNC = 'guest-sync-delimited';

export interface AgentOptions {
  /** Deadline in milliseconds, from when the command's turn comes: the agent does one at a time. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * A connection to the QEMU guest agent inside a guest, through the socket of its virtio-serial port. Nothing tells
 * whether an agent listens: only the answer to `connect` does. Make it with `GuestAgent.connect`.
 */
export class GuestAgent {
  readonly #session: Session;
  #turn: Promise<unknown> = Promise.resolve();
  #mustSync = false;
  #lastSync = Math.floor(Math.random() * 2 ** 30);

  private constructor() {
    this.#session = new Session({
      negotiate: (_, timeoutMs) => this.#synchronise({ timeoutMs }),
      withoutIds: true,
    });
  }

  /** Connects and synchronises. Throws `QmpConnectError`: also when no agent answers in time. */
  static async connect(target: Target, options: AgentOptions = {}): Promise<GuestAgent> {
    const agent = new GuestAgent();
    await agent.#session.open(target, withDefault(options, DEFAULT_TIMEOUT_MS));
    return agent;
  }

  get state(): RunState {
    return this.#session.state;
  }

  /**
   * Executes a command and gives what it returned. After a deadline has passed, the next command synchronises first,
   * so that no late answer is taken for its own. Throws the errors that `QmpError` draws.
   */
  execute(
    command: string,
    args?: Readonly<Record<string, unknown>>,
    options: AgentOptions = {},
  ): Promise<unknown> {
    const request = withDefault(options, DEFAULT_TIMEOUT_MS);
    return this.#inTurn(async () => {
      if (this.#mustSync) await this.#synchronise(request);
      return await this.#request(command, args, request);
    });
  }

  /**
   * Executes a command that is answered only if it is refused (`guest-shutdown`, `guest-suspend-ram`): resolves when the
   * agent goes on to the next one, or is gone.
   */
  notify(
    command: string,
    args?: Readonly<Record<string, unknown>>,
    options: AgentOptions = {},
  ): Promise<void> {
    const request = withDefault(options, DEFAULT_TIMEOUT_MS);
    return this.#inTurn(async () => {
      if (this.#mustSync) await this.#synchronise(request);
      const done = new AbortController();
      const bounded = { ...request, signal: AbortSignal.any([done.signal, ...signals(options)]) };
      const refusal = this.#session.request(command, args, bounded);
      const next = this.#session.request(SYNC, { id: ++this.#lastSync }, bounded);
      try {
        await Promise.race([refusal, next]);
      } catch (error) {
        if (!(error instanceof QmpConnectionLostError)) throw error;
      } finally {
        this.#mustSync = true;
        done.abort();
      }
    });
  }

  /** Whether the agent answers. Throws where it does not. */
  async ping(options: AgentOptions = {}): Promise<void> {
    await this.execute('guest-ping', undefined, options);
  }

  /** `guest-info`: the agent's version and its commands, with which of them are enabled. */
  async info(options: AgentOptions = {}): Promise<AgentInfo> {
    return (await this.execute('guest-info', undefined, options)) as AgentInfo;
  }

  /** Asks the guest's system to shut down. Resolves when the agent took it on; the guest's end is QEMU's to tell. */
  shutdown(mode: 'powerdown' | 'reboot' | 'halt' = 'powerdown', options: AgentOptions = {}): Promise<void> {
    return this.notify('guest-shutdown', { mode }, options);
  }

  /** Freezes all file systems; gives how many. Thaw them even when this fails: some may be frozen. */
  async freeze(options: AgentOptions = {}): Promise<number> {
    return Number(
      await this.execute('guest-fsfreeze-freeze', undefined, withDefault(options, FREEZE_TIMEOUT_MS)),
    );
  }

  /** Thaws them; gives how many. */
  async thaw(options: AgentOptions = {}): Promise<number> {
    return Number(await this.execute('guest-fsfreeze-thaw', undefined, options));
  }

  async freezeStatus(options: AgentOptions = {}): Promise<'thawed' | 'frozen'> {
    const status = await this.execute('guest-fsfreeze-status', undefined, options);
    return status === 'frozen' ? 'frozen' : 'thawed';
  }

  /** Closes the connection. Never throws. */
  close(): Promise<void> {
    return this.#session.close();
  }

  async #request(command: string, args: Message | undefined, options: RequestDeadline): Promise<unknown> {
    try {
      return await this.#session.request(command, args, options);
    } catch (error) {
      if (error instanceof QmpTimeoutError || error instanceof QmpAbortedError) this.#mustSync = true;
      throw error;
    }
  }

  /** Answers to earlier attempts may come first; where ids are not echoed only their value tells. */
  async #synchronise(options: RequestDeadline): Promise<void> {
    this.#mustSync = true;
    const id = ++this.#lastSync;
    this.#session.startResync();
    await this.#session.request(SYNC, { id }, { ...options, accepts: (value) => value === id });
    this.#mustSync = false;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => {});
    return result;
  }
}

/** What `guest-info` gives. */
export interface AgentInfo {
  readonly version: string;
  readonly supported_commands: readonly {
    readonly name: string;
    readonly enabled: boolean;
    readonly 'success-response': boolean;
  }[];
}

interface RequestDeadline {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

function withDefault(options: AgentOptions, timeoutMs: number): RequestDeadline {
  return { timeoutMs, ...options };
}

function signals(options: AgentOptions): readonly AbortSignal[] {
  return options.signal === undefined ? [] : [options.signal];
}
