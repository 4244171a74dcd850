import { Duplex } from 'node:stream';
import { MessageDecoder, parseMessage } from '../../../src/qmp/framing.ts';

export interface Command {
  readonly execute?: string;
  readonly 'exec-oob'?: string;
  readonly arguments?: Record<string, unknown>;
  readonly id?: string;
}

export const GREETING = {
  QMP: { version: { qemu: { major: 7, minor: 2, micro: 0 }, package: '' }, capabilities: ['oob'] },
};

/** The other end of a connection, in memory: says what a test wants and remembers what it was told. */
export class Peer {
  readonly commands: Command[] = [];
  readonly raw: Buffer[] = [];
  onCommand: (command: Command) => void = () => {};
  readonly #decoder = new MessageDecoder({ onResync: () => {} });
  readonly stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _, done) => {
      this.raw.push(chunk);
      for (const line of this.#decoder.push(chunk)) {
        const command = parseMessage(line) as Command;
        this.commands.push(command);
        this.onCommand(command);
      }
      done();
    },
  });

  say(message: unknown): void {
    this.bytes(`${JSON.stringify(message)}\r\n`);
  }

  bytes(bytes: string | Uint8Array): void {
    if (!this.stream.destroyed) this.stream.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  }

  event(event: string, data: Record<string, unknown> = {}): void {
    this.say({ event, data, timestamp: { seconds: 1, microseconds: 2 } });
  }

  end(): void {
    if (!this.stream.destroyed) this.stream.push(null);
  }

  reset(): void {
    this.stream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  }

  /** Greets, and accepts the negotiation; what comes then is the test's. */
  greet(greeting: unknown = GREETING): this {
    this.say(greeting);
    const after = this.onCommand;
    this.onCommand = (command) => {
      this.onCommand = after;
      this.say({ return: {}, id: command.id });
    };
    return this;
  }
}

/** Lets everything happen that is ready to. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The error that a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it was not rejected');
}
