/** A user and a group of the host, as a label of the security model `dac` names them. */
export interface DacLabel {
  readonly user: string;
  readonly group?: string;
}

/** `qemu:kvm`, `+107:+107`, `qemu` (format: "Security label"); undefined if it is none of these. */
export function readDacLabel(text: string): DacLabel | undefined {
  const [, user, group] = /^([^:\s]+)(?::([^:\s]+))?$/.exec(text.trim()) ?? [];
  if (user === undefined) return undefined;
  return { user, ...(group !== undefined && { group }) };
}
