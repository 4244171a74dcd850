import { readFile } from 'node:fs/promises';
import { fail, Secret } from '../errors/index.ts';
import { type CommandOptions, textOption } from './command.ts';
import type { CliContext } from './context.ts';
import { cliErrors } from './errors.ts';
import { standardInput } from './input.ts';

/**
 * A secret's value from where the options say: a file, standard input (`-`), or a person at the terminal. Never from
 * an argument, which everybody on the host can read.
 * @throws QdomError `cli/secret-source`, `cli/secret-on-argv`, `cli/not-base64`, `cli/no-terminal`, `cli/cannot-read`.
 */
export async function readSecretValue(
  cx: Pick<CliContext, 'signal'>,
  word: string | undefined,
  options: CommandOptions,
): Promise<Secret<Uint8Array>> {
  if (word !== undefined && word !== '-') throw fail(cliErrors['secret-on-argv'], undefined);
  const file = textOption(options, 'file');
  const interactive = options.interactive === true;
  const sources = [word, file, interactive || undefined].filter((source) => source !== undefined);
  if (sources.length !== 1) throw fail(cliErrors['secret-source'], undefined);
  if (interactive) return new Secret<Uint8Array>(Buffer.from(await typedSecret()));
  const bytes = await readBytes(cx, file ?? '-');
  return new Secret(options.plain === true ? bytes : decoded(bytes, file));
}

async function readBytes(cx: Pick<CliContext, 'signal'>, file: string): Promise<Uint8Array> {
  if (file === '-') return standardInput(cx);
  try {
    return await readFile(file);
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    const rule = code === 'ENOENT' ? cliErrors['no-such-file'] : cliErrors['cannot-read'];
    throw fail(rule, { file, problem: code }, { cause });
  }
}

function decoded(bytes: Uint8Array, file: string | undefined): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1').replace(/\s/g, '');
  const value = Buffer.from(text, 'base64');
  // Node takes what is no base64 for nothing.
  if (text === '' || value.toString('base64') !== text)
    throw fail(cliErrors['not-base64'], { source: file === undefined ? 'standard input' : `'${file}'` });
  return value;
}

const ENTER = /[\r\n]/;
const END = '\u0004';
const INTERRUPT = '\u0003';
const ERASE: ReadonlySet<string> = new Set(['\u007f', '\b']);

/** What a person types, which the terminal does not show. @throws QdomError `cli/no-terminal`. */
async function typedSecret(): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) throw fail(cliErrors['no-terminal'], undefined);
  process.stderr.write('Enter new value for secret: ');
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  const typed: string[] = [];
  try {
    for await (const chunk of stdin.iterator({ destroyOnReturn: false }))
      for (const key of chunk as string) {
        if (ENTER.test(key) || key === END) return typed.join('');
        // The terminal sends no signal while it shows nothing.
        if (key === INTERRUPT) process.emit('SIGINT', 'SIGINT');
        if (key === INTERRUPT) throw fail(cliErrors['secret-source'], undefined);
        if (ERASE.has(key)) typed.pop();
        else typed.push(key);
      }
    return typed.join('');
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write('\n');
  }
}
