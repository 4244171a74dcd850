import { machineStatus, tellLostHelpers } from '../../machine/index.ts';
import type { CommandModule } from '../command.ts';
import { machineArgument, machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const machines = machinesOf(cx);
  const status = await machineStatus(machines, machineArgument(machines, args));
  const { name, state, reason, lostHelpers } = status;
  await cx.tell(tellLostHelpers(status));
  const why = options.reason === true && reason !== undefined ? ` (${reason})` : '';
  cx.answer({ name, state, reason, lostHelpers }, () => `${state}${why}`);
  return undefined;
};
