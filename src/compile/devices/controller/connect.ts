import type { ParsedDomain } from '../../domain.ts';
import { type Connection, PCI_CONVENTIONAL, PCI_EXPRESS, virtioConnection } from '../../shared/connection.ts';
import { familyOf } from '../../shared/machine.ts';
import { isVirtioScsi } from './drivers.ts';
import type { Controller } from './model.ts';

/** Where a controller that is not itself a PCI bus sits; `phases/3-place/pci` places the bridges and ports. */
export function connect(controller: Controller, domain: ParsedDomain): Connection | undefined {
  switch (controller.type) {
    case 'usb':
      return connectUsb(controller.model);
    case 'scsi':
      return isVirtioScsi(controller.model) ? virtioConnection(controller.model) : PCI_CONVENTIONAL;
    case 'virtio-serial':
      return virtioConnection(controller.model ?? 'virtio');
    case 'sata':
      return controller.index === 0 && familyOf(domain) === 'q35'
        ? { ...PCI_CONVENTIONAL, prefers: { slot: 0x1f, function: 2 } }
        : PCI_CONVENTIONAL;
    case 'ide':
      return familyOf(domain) === 'isapc' ? undefined : PCI_CONVENTIONAL;
    case 'ccid':
      return { bus: 'usb' };
    default:
      return undefined;
  }
}

function connectUsb(model: string | undefined): Connection | undefined {
  if (model === 'none') return undefined;
  return model === 'qemu-xhci' || model === 'nec-xhci' ? PCI_EXPRESS : PCI_CONVENTIONAL;
}
