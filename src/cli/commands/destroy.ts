import { destroyMachine, tellLostRecord } from '../../machine/index.ts';
import type { CommandModule } from '../command.ts';
import { machineArgument, machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const machines = machinesOf(cx);
  const name = machineArgument(machines, args);
  const end = await destroyMachine(machines, name, { graceful: options.graceful === true });
  await cx.tell(tellLostRecord(name, end));
  cx.answer({ name }, () => `Domain '${name}' destroyed`);
  return undefined;
};
