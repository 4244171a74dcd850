import { machineStatus, tellLostHelpers } from '../../machine/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const status = await machineStatus(machinesOf(cx), argument(args, 0));
  const { name, state, reason, lostHelpers } = status;
  await cx.tell(tellLostHelpers(status));
  const why = options.reason === true && reason !== undefined ? ` (${reason})` : '';
  cx.answer({ name, state, reason, lostHelpers }, () => `${state}${why}`);
  return undefined;
};
