import { dumpXml, type MachineContext, machineStatus, tellLostHelpers } from '../../machine/index.ts';
import { parseXml } from '../../xml/index.ts';
import type { CommandModule } from '../command.ts';
import { machineArgument, machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args) => {
  const machines = machinesOf(cx);
  const status = await machineStatus(machines, machineArgument(machines, args));
  await cx.tell(tellLostHelpers(status));
  const domain = sizeOf(machines, status.name);
  cx.answer({ ...status, ...domain }, () => {
    const lines: readonly (readonly [string, unknown])[] = [
      ['Name', status.name],
      ['UUID', status.uuid],
      ['State', status.state],
      ['Reason', status.reason],
      ['CPU(s)', domain.vcpus],
      ['Max memory', domain.memoryKiB === undefined ? undefined : `${domain.memoryKiB} KiB`],
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

interface Size {
  readonly vcpus?: number;
  readonly memoryKiB?: number;
}

/** How big the machine is, as its normalized XML says; nothing where that is damaged, or not written yet. */
function sizeOf(machines: MachineContext, name: string): Size {
  try {
    const domain = parseXml(dumpXml(machines, name));
    const [vcpu, memory] = [domain.child('vcpu'), domain.child('memory')];
    return {
      ...(vcpu && { vcpus: Number(vcpu.attributes.current ?? vcpu.text) }),
      ...(memory && { memoryKiB: Number(memory.text) }),
    };
  } catch {
    return {};
  }
}
