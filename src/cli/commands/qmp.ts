import { fail } from '../../errors/index.ts';
import { qmpCommand } from '../../machine/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { cliErrors } from '../errors.ts';
import { machineArgument, machinesOf } from '../machines.ts';
import { writeOut } from '../streams.ts';

export const run: CommandModule['run'] = async (cx, args) => {
  const given = parseArguments(args[2]);
  const machines = machinesOf(cx);
  const result = await qmpCommand(machines, machineArgument(machines, args), argument(args, 1), given);
  writeOut(`${JSON.stringify(result, undefined, 2)}\n`);
  return undefined;
};

function parseArguments(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail(cliErrors['not-json'], { text, problem: (cause as Error).message }, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fail(cliErrors['not-json'], { text, problem: 'it is not an object' });
  return value as Readonly<Record<string, unknown>>;
}
