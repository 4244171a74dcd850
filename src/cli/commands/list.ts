import { listMachines, type MachineStatus } from '../../machine/index.ts';
import type { CommandModule, CommandOptions } from '../command.ts';
import { machinesOf } from '../machines.ts';
import { table } from '../table.ts';

export const run: CommandModule['run'] = async (cx, _args, options) => {
  const shown = (await listMachines(machinesOf(cx))).filter((machine) => isShown(machine, options));
  const { uuid, name } = options;
  cx.answer(shown, () =>
    uuid === true || name === true
      ? shown.map((m) => [...(uuid ? [m.uuid] : []), ...(name ? [m.name] : [])].join(' ')).join('\n')
      : machineTable(shown),
  );
  return undefined;
};

/** As virsh: those that run unless more is asked for; both of two opposites are neither. */
function isShown(machine: MachineStatus, options: CommandOptions): boolean {
  const { all, inactive, persistent, transient } = options;
  const isOff = machine.state === 'shut off';
  const isKind = persistent === transient || machine.persistent === (persistent === true);
  return (all === true || isOff === (inactive === true)) && isKind;
}

function machineTable(machines: readonly MachineStatus[]): string {
  const rows = machines.map((m) => [
    m.pid === undefined ? '-' : String(m.pid),
    m.name,
    m.state,
    m.reason ?? '',
  ]);
  return table(['Pid', 'Name', 'State', 'Reason'], rows);
}
