import { undefineMachine } from '../../machine/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const name = argument(args, 0);
  await undefineMachine(machinesOf(cx), name, { keepTpm: options.keepTpm === true });
  cx.answer({ name }, () => `Domain '${name}' undefined`);
  return undefined;
};
