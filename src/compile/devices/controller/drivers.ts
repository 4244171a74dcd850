import { virtioDriver } from '../../shared/virtio-options.ts';
import type { ScsiModel, UsbModel } from './model.ts';

/** QEMU's device of each model that it has (`qemu-system-x86_64 -device help`). */
const USB_DRIVERS: Readonly<Partial<Record<UsbModel, string>>> = {
  'piix3-uhci': 'piix3-usb-uhci',
  'piix4-uhci': 'piix4-usb-uhci',
  ehci: 'usb-ehci',
  'ich9-ehci1': 'ich9-usb-ehci1',
  'ich9-uhci1': 'ich9-usb-uhci1',
  'ich9-uhci2': 'ich9-usb-uhci2',
  'ich9-uhci3': 'ich9-usb-uhci3',
  'vt82c686b-uhci': 'vt82c686b-usb-uhci',
  'pci-ohci': 'pci-ohci',
  'nec-xhci': 'nec-usb-xhci',
  'qemu-xhci': 'qemu-xhci',
};

const SCSI_DRIVERS: Readonly<Partial<Record<ScsiModel, string>>> = {
  lsilogic: 'lsi',
  lsisas1068: 'mptsas1068',
  lsisas1078: 'megasas',
  vmpvscsi: 'pvscsi',
  am53c974: 'am53c974',
  dc390: 'dc390',
};

/** QEMU's driver of a USB controller; undefined for a model that no x86 QEMU has. */
export function usbDriver(model: UsbModel): string | undefined {
  return USB_DRIVERS[model];
}

/** QEMU's driver of a SCSI controller; undefined for a model that no x86 QEMU has. */
export function scsiDriver(model: ScsiModel): string | undefined {
  if (isVirtioScsi(model)) return virtioDriver('virtio-scsi', model);
  return SCSI_DRIVERS[model];
}

/** Whether a SCSI controller is a virtio device. */
export function isVirtioScsi(model: ScsiModel | undefined): boolean {
  return model === 'virtio-scsi' || model === 'virtio-transitional' || model === 'virtio-non-transitional';
}

const USB_PORTS: Readonly<Partial<Record<UsbModel, number>>> = {
  ehci: 6,
  'ich9-ehci1': 6,
  'pci-ohci': 3,
  'nec-xhci': 4,
  'qemu-xhci': 4,
};

/** The ports of a USB controller that says nothing else (QEMU's defaults for each device). */
export function usbPortCount(model: UsbModel): number {
  return USB_PORTS[model] ?? 2;
}

/** `-device` also takes a few names that are not those of QEMU's types. */
const DRIVER_ALIASES: Readonly<Record<string, string>> = { lsi: 'lsi53c895a' };

/** QEMU's type of a driver, as `qom-list-types` has it. */
export function typeOfDriver(driver: string): string {
  return DRIVER_ALIASES[driver] ?? driver;
}
