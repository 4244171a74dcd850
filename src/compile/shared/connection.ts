/**
 * What a device plugs into. A module's `connect` says it, `phases/3-place` finds the address, and adds the
 * controller where there is none.
 */
export type Connection =
  | PciConnection
  | { readonly bus: 'usb' }
  | { readonly bus: 'ccid' }
  /** Port 0 is for a console; a channel's ports start at 1. */
  | { readonly bus: 'virtio-serial'; readonly firstPort: 0 | 1 }
  /** `index` is the number in a disk's target name (`sdc` is 2); without one the first free unit is taken. */
  | { readonly bus: DriveBus; readonly index?: number | undefined }
  | { readonly bus: 'dimm' };

export type DriveBus = 'scsi' | 'sata' | 'ide' | 'fdc';

export interface PciConnection {
  readonly bus: 'pci';
  /**
   * `express` is an endpoint that sits in a root port where the machine has PCI Express, and is a conventional
   * device elsewhere; `integrated` sits on the root bus itself.
   */
  readonly link: 'express' | 'conventional' | 'integrated';
  /** The address on bus 0 that the real chipset has the device at: taken if it is free. */
  readonly prefers?: { readonly slot: number; readonly function?: number };
}

/** A PCI Express endpoint; on a machine without PCI Express a conventional device. */
export const PCI_EXPRESS: PciConnection = { bus: 'pci', link: 'express' };
/** A conventional PCI device, also on machines with PCI Express. */
export const PCI_CONVENTIONAL: PciConnection = { bus: 'pci', link: 'conventional' };
/** A device of the root complex. */
export const PCI_INTEGRATED: PciConnection = { bus: 'pci', link: 'integrated' };

/** A virtio device by its model: a transitional one needs I/O ports, so it is conventional. */
export function virtioConnection(model: string | undefined): PciConnection {
  return model === 'virtio-transitional' ? PCI_CONVENTIONAL : PCI_EXPRESS;
}
