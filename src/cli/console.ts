import type { Duplex } from 'node:stream';
import { attachConsole, type MachineContext } from '../machine/index.ts';
import type { CliContext } from './context.ts';
import { outStream } from './streams.ts';

/** Ctrl-], as virsh and telnet have it. */
const ESCAPE = 0x1d;

/** Puts a machine's console on this terminal until it ends or Ctrl-] is typed. */
export async function attach(
  cx: CliContext,
  machines: MachineContext,
  name: string,
  alias?: string,
): Promise<void> {
  const stream = await attachConsole(machines, name, alias === undefined ? {} : { alias });
  if (process.stdin.isTTY) cx.note(`Connected to '${name}'; the escape character is ^]`);
  await joinTerminal(stream, cx.signal);
}

/**
 * Joins a console with standard input and output until the console ends, Ctrl-] is typed or the signal fires. The
 * terminal is as before afterwards.
 * @returns what ended it
 */
export function joinTerminal(stream: Duplex, signal: AbortSignal): Promise<'closed' | 'escape' | 'signal'> {
  const { stdin } = process;
  const stdout = outStream();
  const isTerminal = stdin.isTTY === true;
  return new Promise((resolve) => {
    const finish = (reason: 'closed' | 'escape' | 'signal') => {
      stdin.off('data', onInput);
      signal.removeEventListener('abort', onSignal);
      if (isTerminal) stdin.setRawMode(false);
      stdin.pause();
      stdin.unref?.();
      stream.destroy();
      resolve(reason);
    };
    const onSignal = () => finish('signal');
    const onInput = (bytes: Buffer) => {
      const escapeAt = isTerminal ? bytes.indexOf(ESCAPE) : -1;
      stream.write(escapeAt < 0 ? bytes : bytes.subarray(0, escapeAt));
      if (escapeAt >= 0) finish('escape');
    };
    if (isTerminal) stdin.setRawMode(true);
    stdin.on('data', onInput);
    signal.addEventListener('abort', onSignal, { once: true });
    stream.on('data', (bytes: Buffer) => stdout.write(bytes));
    // A pty whose other side is gone reads EIO: the console has ended.
    stream.once('error', () => finish('closed'));
    stream.once('close', () => finish('closed'));
    stream.once('end', () => finish('closed'));
    if (signal.aborted) onSignal();
  });
}
