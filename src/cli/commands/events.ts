import { machineEvents } from '../../machine/index.ts';
import type { CommandModule } from '../command.ts';
import { signalStatus } from '../context.ts';
import { machineArgument, machinesOf } from '../machines.ts';
import { printEvent } from '../print-event.ts';
import { writeOut } from '../streams.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const follow = options.follow === true;
  const machines = machinesOf(cx);
  const name = machineArgument(machines, args);
  for await (const event of machineEvents(machines, name, { follow, signal: cx.signal }))
    writeOut(`${cx.json ? JSON.stringify(event) : printEvent(event)}
`);
  return signalStatus(cx.signal);
};
