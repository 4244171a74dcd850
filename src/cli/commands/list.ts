import { listMachines, type MachineStatus } from '../../machine/index.ts';
import type { CommandModule } from '../command.ts';
import { machinesOf } from '../machines.ts';
import { table } from '../table.ts';

export const run: CommandModule['run'] = async (cx, _args, options) => {
  const all = await listMachines(machinesOf(cx));
  const shown = options.all === true ? all : all.filter((m) => m.state !== 'shut off');
  cx.answer(shown, () => (options.name === true ? shown.map((m) => m.name).join('\n') : machineTable(shown)));
  return undefined;
};

function machineTable(machines: readonly MachineStatus[]): string {
  const rows = machines.map((m) => [
    m.pid === undefined ? '-' : String(m.pid),
    m.name,
    m.state,
    m.reason ?? '',
  ]);
  return table(['Pid', 'Name', 'State', 'Reason'], rows);
}
