import type { Domain, ParsedDomain } from '../domain.ts';

/** QEMU's x86 machine families; a family decides buses, chipset devices and what may be plugged where. */
export type MachineFamily = 'q35' | 'i440fx' | 'isapc' | 'microvm' | 'other';

/** The family of a machine type: `pc-q35-10.0` is q35, `pc`, `pc-i440fx-10.0` and the old `pc-1.3` are i440fx. */
function machineFamily(machine: string): MachineFamily {
  if (machine === 'q35' || machine.startsWith('pc-q35')) return 'q35';
  if (machine === 'pc' || machine.startsWith('pc-i440fx') || /^pc-[0-9]/.test(machine)) return 'i440fx';
  if (machine === 'isapc' || machine === 'microvm') return machine;
  return 'other';
}

/** The machine type of a domain whose `<os>` is resolved: a real one, no alias. */
export function machineOf(domain: ParsedDomain | Domain): string {
  return domain.os?.type?.machine ?? '';
}

export function familyOf(domain: ParsedDomain | Domain): MachineFamily {
  return machineFamily(machineOf(domain));
}

export function isQ35(domain: ParsedDomain | Domain): boolean {
  return familyOf(domain) === 'q35';
}

/** Whether the machine has the i8042, with a keyboard and a mouse on it unless the feature `ps2` is off. */
export function hasPs2(domain: ParsedDomain | Domain): boolean {
  const family = familyOf(domain);
  return family === 'i440fx' || family === 'q35' || family === 'isapc';
}
