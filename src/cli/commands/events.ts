import { machineEvents } from '../../machine/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { signalStatus } from '../context.ts';
import { machinesOf } from '../machines.ts';
import { printEvent } from '../print-event.ts';
import { writeOut } from '../streams.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const follow = options.follow === true;
  for await (const event of machineEvents(machinesOf(cx), argument(args, 0), { follow, signal: cx.signal }))
    writeOut(`${cx.json ? JSON.stringify(event) : printEvent(event)}
`);
  return signalStatus(cx.signal);
};
