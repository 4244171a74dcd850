import { whereIs } from '../../../xml/index.ts';
import type { EmitContext } from '../../context.ts';
import type { Placed } from '../../shared/device-base.ts';
import { hostdevErrors } from './errors.ts';
import type { Hostdev } from './model.ts';
import type { HostdevOf } from './schema.ts';

export interface UsbAddress {
  readonly bus: number;
  readonly device: number;
}

/**
 * The host's USB device: by its address or port, else the only one with its vendor and product. One that is missing and
 * `optional` is left out with a warning, and so is a `requisite` one of a machine that comes by migration (format: "USB / PCI /
 * SCSI devices"); any other is an error.
 */
export function hostUsbDevice(
  dev: Placed<HostdevOf<'usb'> & Hostdev>,
  cx: EmitContext,
): UsbAddress | undefined {
  const { address, vendor, product, startupPolicy } = dev.source ?? {};
  const { bus, device, port } = address ?? {};
  const { usbDevices } = cx.env.facts;
  const mayBeMissing =
    startupPolicy === 'optional' || (startupPolicy === 'requisite' && cx.env.incoming !== undefined);
  const isNumbered = bus !== undefined && device !== undefined;
  // Whether it is there, the host side sees at each start; one that need not be there is looked for now.
  if (isNumbered && (!mayBeMissing || usbDevices === undefined)) return { bus, device };
  const found = (usbDevices ?? []).filter((d) =>
    isNumbered
      ? d.bus === bus && d.device === device
      : port !== undefined
        ? d.bus === bus && d.port === port
        : d.vendor === vendor && d.product === product,
  );
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const id =
    bus === undefined ? `${hex(vendor)}:${hex(product)}` : isNumbered ? `${bus}.${device}` : `${bus}-${port}`;
  const rule =
    found.length > 1 ? 'usb-device-ambiguous' : mayBeMissing ? 'usb-device-left-out' : 'usb-device-missing';
  cx.report.add(hostdevErrors[rule], { id }, whereIs(dev, 'source'));
  return undefined;
}

function hex(value = 0): string {
  return value.toString(16).padStart(4, '0');
}
