import { type Connection, PCI_CONVENTIONAL, PCI_EXPRESS, virtioConnection } from '../../shared/connection.ts';
import type { Hostdev } from './model.ts';

/** Where a host device goes in the guest. A mediated device is taken for PCI Express. */
export function connectHostdev(dev: Hostdev): Connection | undefined {
  switch (dev.type) {
    case 'pci':
      return dev.isExpress ? PCI_EXPRESS : PCI_CONVENTIONAL;
    case 'mdev':
      return PCI_EXPRESS;
    case 'usb':
      return { bus: 'usb' };
    case 'scsi':
      return { bus: 'scsi' };
    case 'scsi_host':
      return virtioConnection(dev.model);
    default:
      return undefined;
  }
}
