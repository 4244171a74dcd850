import { fail } from '../../errors/index.ts';
import { qmpCommand } from '../../machine/index.ts';
import { argument, type CommandModule } from '../command.ts';
import type { CliContext } from '../context.ts';
import { cliErrors } from '../errors.ts';
import { readInput } from '../input.ts';
import { machineArgument, machinesOf } from '../machines.ts';
import { writeOut } from '../streams.ts';

export const run: CommandModule['run'] = async (cx, args) => {
  const { command, given, oob } = await readRequest(cx, argument(args, 1), args[2]);
  const machines = machinesOf(cx);
  const result = await qmpCommand(machines, machineArgument(machines, args), command, given, { oob });
  writeOut(`${JSON.stringify(result, undefined, 2)}\n`);
  return undefined;
};

type JsonObject = Readonly<Record<string, unknown>>;

interface Request {
  readonly command: string;
  readonly given?: JsonObject;
  readonly oob: boolean;
}

/** A command's name, or a whole message as QEMU has it, which may come by standard input. */
async function readRequest(cx: CliContext, word: string, more: string | undefined): Promise<Request> {
  const text = word === '-' ? (await readInput(cx, word)).text : word;
  if (word !== '-' && !text.trimStart().startsWith('{'))
    return { command: text, oob: false, ...(more !== undefined && { given: parseObject(more) }) };
  const message = parseObject(text);
  const oob = 'exec-oob' in message;
  const command = message[oob ? 'exec-oob' : 'execute'];
  if (typeof command !== 'string') throw notJson(text, 'it has no "execute" with the name of a command');
  const { arguments: given } = message;
  return { command, oob, ...(given !== undefined && { given: requireObject(given, text) }) };
}

function parseObject(text: string): JsonObject {
  try {
    return requireObject(JSON.parse(text), text);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw notJson(text, cause.message, cause);
    throw cause;
  }
}

function requireObject(value: unknown, text: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw notJson(text, 'it is not an object');
  return value as JsonObject;
}

function notJson(text: string, problem: string, cause?: Error) {
  return fail(cliErrors['not-json'], { text, problem }, { cause });
}
