import { type Connection, PCI_CONVENTIONAL, PCI_EXPRESS } from '../../shared/connection.ts';
import { type Interface, isExpressModel } from './model.ts';

/** What a NIC's model plugs into; an assigned function is on PCI whatever its model says. */
export function connectInterface(nic: Interface): Connection | undefined {
  if (nic.type === 'hostdev') return nic.isExpress ? PCI_EXPRESS : PCI_CONVENTIONAL;
  const model = nic.model?.type ?? '';
  if (model === 'usb-net') return { bus: 'usb' };
  return isExpressModel(model) ? PCI_EXPRESS : PCI_CONVENTIONAL;
}
