import type { AccelCaps, MachineInfo, QemuCaps } from '../plan/index.ts';
import { capsFromTranscript } from '../qmp/index.ts';

/**
 * The first QEMU of which libvirt's own recordings name machines by alias: definitions that are recorded for the
 * newest QEMU keep `pc` and `q35`, so that they stay the same with the next one.
 */
const ALIASES_FROM_MAJOR = 10;

/**
 * The capabilities that a facts file's transcript records, for comparing with what libvirt recorded for the same
 * QEMU. A QEMU that is really here never goes through this: its aliases become the machine types they stand for.
 */
export function recordedCaps(transcript: string): QemuCaps {
  const caps = capsFromTranscript(transcript);
  if (caps.version.major < ALIASES_FROM_MAJOR) return caps;
  const { kvm, tcg } = caps.accel;
  return { ...caps, accel: { tcg: namedByAlias(tcg), ...(kvm && { kvm: namedByAlias(kvm) }) } };
}

function namedByAlias(accel: AccelCaps): AccelCaps {
  return { ...accel, machines: accel.machines.map(nameByAlias) };
}

function nameByAlias({ alias, ...machine }: MachineInfo): MachineInfo {
  return alias === undefined ? machine : { ...machine, name: alias };
}
