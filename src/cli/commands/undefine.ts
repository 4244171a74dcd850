import { undefineMachine } from '../../machine/index.ts';
import type { CommandModule } from '../command.ts';
import { machineArgument, machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const machines = machinesOf(cx);
  const name = machineArgument(machines, args);
  await undefineMachine(machines, name, { keepTpm: options.keepTpm === true });
  cx.answer({ name }, () => `Domain '${name}' undefined`);
  return undefined;
};
