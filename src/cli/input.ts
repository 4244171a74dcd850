import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { fail } from '../errors/index.ts';
import type { CliContext } from './context.ts';
import { decodeXml } from './decode-xml.ts';
import { cliErrors } from './errors.ts';

export interface InputText {
  readonly text: string;
  /** Undefined for standard input. */
  readonly file: string | undefined;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory (EISDIR)',
};

/** All of standard input; a signal ends the wait for it. */
export async function standardInput({ signal }: Pick<CliContext, 'signal'>): Promise<Buffer> {
  const stop = () => process.stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await buffer(process.stdin);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Reads a file, or standard input for `-`.
 * @throws QdomError `cli/no-such-file`, `cli/cannot-read`, `cli/bad-encoding`
 */
export async function readInput(cx: Pick<CliContext, 'signal'>, name: string): Promise<InputText> {
  if (name === '-') return { text: decodeXml(await standardInput(cx)), file: undefined };
  return { text: decodeXml(readFile(name), name), file: name };
}

function readFile(name: string): Buffer {
  try {
    return readFileSync(name);
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    const rule = code === 'ENOENT' ? cliErrors['no-such-file'] : cliErrors['cannot-read'];
    throw fail(rule, { file: name, problem: PROBLEMS[code] ?? code }, { cause });
  }
}
