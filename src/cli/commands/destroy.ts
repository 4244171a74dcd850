import { destroyMachine, tellLostRecord } from '../../machine/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const name = argument(args, 0);
  const end = await destroyMachine(machinesOf(cx), name, { graceful: options.graceful === true });
  await cx.tell(tellLostRecord(name, end));
  cx.answer({ name }, () => `Domain '${name}' destroyed`);
  return undefined;
};
