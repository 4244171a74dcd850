import type { CommandModule } from '../command.ts';
import { attach } from '../console.ts';
import { signalStatus } from '../context.ts';
import { machineArgument, machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args) => {
  const machines = machinesOf(cx);
  await attach(cx, machines, machineArgument(machines, args), args[1]);
  return signalStatus(cx.signal);
};
