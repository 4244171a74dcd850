/** `pci_0000_06_12_1`: a PCI function in the words of `nodedev-list`. */
export function nodeDeviceName(address: string): string {
  return `pci_${address.replace(/[:.]/g, '_')}`;
}

/** `0000:06:12.1` from that, from itself, or from `06:12.1`; undefined if it is neither. */
export function functionAddress(name: string): string | undefined {
  const short = /^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/i;
  if (short.test(name)) return `0000:${name}`.toLowerCase();
  const match = /^(?:pci_)?([0-9a-f]{4,8})[:_]([0-9a-f]{2})[:_]([0-9a-f]{2})[._]([0-7])$/i.exec(name);
  if (match === null) return undefined;
  const [, domain, bus, slot, number] = match;
  return `${domain}:${bus}:${slot}.${number}`.toLowerCase();
}
