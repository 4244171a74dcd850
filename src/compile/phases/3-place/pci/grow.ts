import type { PciModel } from '../../../devices/controller/model.ts';
import type { Plug } from './bus-models.ts';
import type { PciSlots } from './slots.ts';

export const MOST_BUSES = 256;

/**
 * The controllers to add, in their order, so that one more of the plug finds a place: on conventional machines a
 * pci-bridge; with PCI Express a root port for an endpoint, and for a conventional device a bridge behind one.
 * None if nothing that can be added takes it.
 */
export function controllersFor(plug: Plug, slots: PciSlots): readonly PciModel[] {
  const isExpress = slots.model(0) === 'pcie-root';
  if (!isExpress) return plug === 'conventional' || plug === 'pci-bridge' ? ['pci-bridge'] : [];
  switch (plug) {
    case 'express':
    case 'pcie-switch-upstream-port':
      return ['pcie-root-port'];
    case 'conventional':
      if (slots.someTakes('pci-bridge')) return ['pci-bridge'];
      return ['pcie-root-port', 'pcie-to-pci-bridge'];
    case 'pci-bridge':
      return ['pcie-root-port', 'pcie-to-pci-bridge'];
    default:
      return [];
  }
}
