import type { Duplex } from 'node:stream';
import { BOOT_TIMEOUT_MS } from '../guest/linux.ts';

const ASK_WHERE_THE_CURSOR_IS = '\u001b[6n';

/** Reads a console until a text comes; what came before it is forgotten. */
export class ConsoleReader {
  readonly #stream: Duplex;
  readonly #timeoutMs: number;
  #seen = '';
  #wake: (() => void) | undefined;

  constructor(stream: Duplex, timeoutMs = BOOT_TIMEOUT_MS) {
    this.#stream = stream;
    this.#timeoutMs = timeoutMs;
    stream.on('data', (bytes: Buffer) => {
      this.#seen += bytes.toString('utf8');
      this.#wake?.();
    });
    stream.on('error', () => this.#wake?.());
  }

  write(text: string): void {
    this.#stream.write(text);
  }

  /** What came before the text. */
  async until(text: string): Promise<string> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
    while (!this.#seen.includes(text)) {
      if (signal.aborted)
        throw new Error(`'${text}' did not come; the console said: ${this.#seen.slice(-2000)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const at = this.#seen.indexOf(text);
    const before = this.#seen.slice(0, at);
    this.#seen = this.#seen.slice(at + text.length);
    return before;
  }

  /** The shell's terminal repeats nothing and prompts for nothing: what is read is what commands print. */
  async quiet(): Promise<void> {
    this.write("stty -echo; PS1=''; echo qui''et-now\n");
    await this.until('quiet-now');
  }

  /** Runs a command in the guest's shell, which is quiet, and gives what it printed. */
  async run(command: string): Promise<string> {
    this.write(`${command}; echo done-here\n`);
    return (await this.until('done-here')).replaceAll(ASK_WHERE_THE_CURSOR_IS, '').trim();
  }
}
