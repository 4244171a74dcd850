import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { DEVICE_KINDS, deviceModule } from '../../domain.ts';
import type { Address } from '../../shared/address.ts';
import type { DeviceBase } from '../../shared/device-base.ts';

/** Rules of what any device can have: its address, its ROM, its ACPI index. */
export const deviceErrors = defineErrors('device', () => ({
  zpci: {
    class: 'unsupported',
    message: (p: { element: string }) =>
      `<${p.element}> belongs to the machines of another architecture, 's390x'`,
  },
  'rom-disabled': {
    class: 'invalid',
    message: (p: { name: string; value: string }) =>
      `a ROM that is not enabled cannot be tuned: ${p.name}='${p.value}'`,
  },
  'acpi-index-range': {
    class: 'invalid',
    message: (p: { index: number }) => `ACPI index '${p.index}' is not between 1 and 16383`,
  },
  'acpi-index-not-pci': {
    class: 'unsupported',
    message: (p: { index: number; type: string }) =>
      `ACPI index '${p.index}' is for a PCI slot, and the device is on '${p.type}'`,
  },
  'acpi-index-duplicate': {
    class: 'invalid',
    message: (p: { index: number }) => `ACPI index '${p.index}' is used twice`,
  },
}));

interface Info extends DeviceBase {
  readonly rom?:
    | {
        readonly enabled?: boolean | undefined;
        readonly bar?: boolean | undefined;
        readonly file?: string | undefined;
      }
    | undefined;
  readonly acpi?: { readonly index?: number | undefined } | undefined;
}

const MOST_ACPI_INDEX = 16 * 1024 - 1;

/** Every device once. */
export function validateDeviceInfo({ domain, report }: ValidateContext): void {
  const indexes = new Set<number>();
  for (const kind of DEVICE_KINDS)
    for (const device of domain.devices[kind] as readonly Info[]) {
      refuseZpci(device, report);
      refuseTunedRom(device, report);
      const index = device.acpi?.index;
      if (index === undefined) continue;
      const where = whereIs(device, 'acpi', '@index');
      const type = device.address?.type ?? deviceModule(kind).connect?.(device, domain)?.bus;
      if (type !== undefined && type !== 'pci')
        report.add(deviceErrors['acpi-index-not-pci'], { index, type }, where);
      else if (index < 1 || index > MOST_ACPI_INDEX)
        report.add(deviceErrors['acpi-index-range'], { index }, where);
      else if (indexes.has(index)) report.add(deviceErrors['acpi-index-duplicate'], { index }, where);
      indexes.add(index);
    }
}

type Report = ValidateContext['report'];

function refuseZpci(device: Info, report: Report): void {
  const address: Address | undefined = device.address;
  if (address?.type === 'pci' && address.zpci !== undefined)
    report.add(deviceErrors.zpci, { element: 'zpci' }, whereIs(device, 'address', 'zpci'));
}

function refuseTunedRom(device: Info, report: Report): void {
  const { rom } = device;
  if (rom?.enabled !== false) return;
  const tuned =
    rom.bar !== undefined
      ? { name: 'bar', value: rom.bar ? 'on' : 'off' }
      : rom.file !== undefined && { name: 'file', value: rom.file };
  if (tuned) report.add(deviceErrors['rom-disabled'], tuned, whereIs(device, 'rom', `@${tuned.name}`));
}
