import { keysOption, type QemuOption } from '../../../plan/index.ts';
import type { Emission, EmitContext, MachineProperty } from '../../context.ts';
import { ramBackendId } from '../../sections/memory/emit.ts';
import { machineOf } from '../../shared/machine.ts';

/** `-machine`: the machine type, and the properties that every part of the domain adds. */
export function machineOption(properties: readonly MachineProperty[], { domain }: EmitContext): QemuOption {
  return keysOption('-machine', [[null, machineOf(domain)], ...properties]);
}

/** `-machine usb=off`: no controller that nobody asked for. */
export function usbOfMachine(_cx: EmitContext): Emission {
  return { options: [], machine: [['usb', false]] };
}

/** The machine's RAM, and whether a core dump of QEMU holds it. */
export function memoryOfMachine(cx: EmitContext): Emission {
  const { domain, env } = cx;
  return {
    options: [],
    machine: [
      ['dump-guest-core', domain.memory.dumpCore ?? env.config.dumpGuestCore],
      ['memory-backend', ramBackendId(domain, cx)],
    ],
  };
}
