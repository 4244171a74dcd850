import { machineStatus, tellLostHelpers } from '../../machine/index.ts';
import type { CommandModule } from '../command.ts';
import { machineArgument, machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args) => {
  const machines = machinesOf(cx);
  const status = await machineStatus(machines, machineArgument(machines, args));
  await cx.tell(tellLostHelpers(status));
  cx.answer(status, () => {
    const lines: readonly (readonly [string, unknown])[] = [
      ['Name', status.name],
      ['UUID', status.uuid],
      ['State', status.state],
      ['Reason', status.reason],
      ['Persistent', status.persistent ? 'yes' : 'no'],
      ['Pid', status.pid],
      ['Started', status.startedAt],
      ['Exit status', status.exitStatus],
    ];
    return lines
      .filter(([, value]) => value !== undefined)
      .map(([label, value]) => `${`${label}:`.padEnd(16)}${value}`)
      .join('\n');
  });
  return undefined;
};
