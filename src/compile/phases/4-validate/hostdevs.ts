import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { hostdevErrors } from '../../devices/hostdev/errors.ts';
import type { Hostdev } from '../../devices/hostdev/model.ts';
import type { Interface } from '../../devices/interface/model.ts';
import { pciName } from '../../shared/pci-function.ts';

/** A device of the host can be given to the guest once, be it as a NIC or as a host device. */
export function refuseDuplicateHostdevs({ domain, report }: ValidateContext): void {
  const seen = new Set<string>();
  const nics: readonly Interface[] = domain.devices.interface;
  const hostdevs: readonly Hostdev[] = domain.devices.hostdev;
  for (const device of [...nics, ...hostdevs]) {
    const what = 'attachment' in device ? assignedFunction(device) : identityOf(device);
    if (what === undefined) continue;
    if (seen.has(what)) report.add(hostdevErrors.duplicate, { what }, whereIs(device, 'source'));
    seen.add(what);
  }
}

function assignedFunction({ attachment }: Interface): string | undefined {
  return attachment.kind === 'hostdev' ? `pci ${pciName(attachment.address)}` : undefined;
}

function identityOf(dev: Hostdev): string | undefined {
  switch (dev.type) {
    case 'pci':
      return `pci ${pciName(dev.source?.address ?? {})}`;
    case 'usb':
      return usbIdentity(dev.source ?? {});
    case 'scsi': {
      const { protocol, name, adapter, address, hosts = [] } = dev.source ?? {};
      if (protocol === 'iscsi') return `iscsi ${hosts[0]?.name ?? ''} ${name}`;
      return `scsi ${adapter?.name}:${address?.bus}:${address?.target}:${address?.unit}`;
    }
    case 'scsi_host':
      return `scsi_host ${dev.source?.wwpn}`;
    case 'mdev':
      return `mdev ${dev.source?.address?.uuid}`;
    default:
      return undefined;
  }
}

type UsbSource = NonNullable<Extract<Hostdev, { type: 'usb' }>['source']>;

function usbIdentity({ vendor, product, address }: Partial<UsbSource>): string {
  if (address !== undefined) return `usb ${address.bus}.${address.device ?? address.port}`;
  return `usb ${vendor?.toString(16)}:${product?.toString(16)}`;
}
