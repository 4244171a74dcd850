import type { Domain } from '../../domain.ts';
import { familyOf } from '../../shared/machine.ts';
import type { Controller } from './model.ts';

/** libvirt's alias of a controller; buses are named after it. QEMU itself names the ones that it has built in. */
export function controllerName(controller: Controller, domain: Domain): string {
  const { type, index } = controller;
  switch (type) {
    case 'pci':
      return controller.model === 'pcie-root' ? 'pcie.0' : `pci.${index}`;
    case 'usb':
      return index === 0 ? 'usb' : `usb${index}`;
    case 'ide':
      return index === 0 && familyOf(domain) === 'i440fx' ? 'ide' : `ide${index}`;
    case 'sata':
      return index === 0 && familyOf(domain) === 'q35' ? 'ide' : `sata${index}`;
    default:
      return `${type}${index}`;
  }
}
