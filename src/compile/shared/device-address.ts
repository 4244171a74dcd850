import type { PropValue } from '../../plan/index.ts';
import type { Domain } from '../domain.ts';
import type { AddressOf } from './address.ts';
import { type ControllerType, findController } from './controllers.ts';
import type { DeviceBase } from './device-base.ts';

type Entries = Record<string, PropValue | undefined>;

interface WithAddress extends DeviceBase {
  readonly acpi?: { readonly index?: number | undefined } | undefined;
}

/**
 * QEMU's properties that say where a device sits: `bus`, `addr`, `port`, `nr`, `iobase`, and `acpi-index`.
 * Spread into `{…}`. Disks name their bus themselves.
 */
export function addressProps(device: WithAddress, domain: Domain): Entries {
  const { address } = device;
  switch (address?.type) {
    case 'pci':
      return pciProps(address, device.acpi?.index, domain);
    case 'usb':
      return { bus: `${controllerId(domain, 'usb', address.bus)}.0`, port: address.port };
    case 'virtio-serial':
      return { bus: `${controllerId(domain, 'virtio-serial', address.controller)}.0`, nr: address.port };
    case 'ccid':
      return { bus: `${controllerId(domain, 'ccid', address.controller)}.0` };
    case 'isa':
      return { iobase: address.iobase ?? 0, irq: address.irq };
    default:
      return {};
  }
}

/** QEMU's `rombar` and `romfile` of `<rom>`. */
export function romProps({
  rom,
}: {
  readonly rom?:
    | {
        readonly enabled?: boolean | undefined;
        readonly bar?: boolean | undefined;
        readonly file?: string | undefined;
      }
    | undefined;
}): Entries {
  if (rom?.enabled === false) return { romfile: '' };
  return { rombar: rom?.bar === undefined ? undefined : Number(rom.bar), romfile: rom?.file };
}

/** The id of the controller with an index; ids of controllers that a user named are theirs. */
export function controllerId(domain: Domain, type: ControllerType, index = 0): string {
  return findController(domain, type, index)?.id ?? `${type}${index}`;
}

function pciProps(address: AddressOf<'pci'>, acpiIndex: number | undefined, domain: Domain): Entries {
  const { bus = 0, slot = 0, function: fn = 0 } = address;
  return {
    bus: pciBusName(domain, bus),
    multifunction: address.multifunction,
    addr: fn === 0 ? hex(slot) : `${hex(slot)}.${hex(fn)}`,
    'acpi-index': acpiIndex,
  };
}

/** QEMU names the root bus itself; every other bus has the name of its controller. */
function pciBusName(domain: Domain, index: number): string {
  const controller = findController(domain, 'pci', index);
  if (controller?.model === 'pci-root') return 'pci.0';
  if (controller?.model === 'pcie-root') return 'pcie.0';
  return controller?.id ?? `pci.${index}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
