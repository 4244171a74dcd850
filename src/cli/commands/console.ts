import { argument, type CommandModule } from '../command.ts';
import { attach } from '../console.ts';
import { signalStatus } from '../context.ts';
import { machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args) => {
  await attach(cx, machinesOf(cx), argument(args, 0), args[1]);
  return signalStatus(cx.signal);
};
