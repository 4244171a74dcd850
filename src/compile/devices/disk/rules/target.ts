import { hasProperty } from '../../../../plan/index.ts';
import { SOURCE, whereIs } from '../../../../xml/index.ts';
import type { ValidateContext } from '../../../context.ts';
import type { AddressOf } from '../../../shared/address.ts';
import type { DriveBus } from '../../../shared/connection.ts';
import { findController } from '../../../shared/controllers.ts';
import type { Placed } from '../../../shared/device-base.ts';
import { parseDiskTarget } from '../../../shared/disk-target.ts';
import { isDriveBus, numbersBeyond } from '../../../shared/drive-address.ts';
import { firstVirtioOption } from '../../../shared/virtio-options.ts';
import { diskErrors as errors } from '../errors.ts';
import type { Disk } from '../model.ts';
import type { DiskBus } from '../schema.ts';

/** Rules of a disk's place: its name, bus and address, and what only some buses have. */
export function validateTarget(disk: Placed<Disk>, cx: ValidateContext): void {
  validateName(disk, cx);
  const { bus, dev } = disk.target;
  if (bus === 'xen' || bus === 'uml') {
    cx.report.add(errors['bus-unsupported'], { bus, dev }, whereIs(disk, 'target', '@bus'));
    return;
  }
  validateBus(disk, cx);
  validateAddress(disk, cx);
  for (const rule of BUS_RULES)
    if (rule.isUsed(disk) && !rule.allowed.includes(bus))
      cx.report.add(
        errors['only-for-bus'],
        { what: rule.what, bus, allowed: rule.allowed },
        whereIs(disk, ...rule.path),
      );
  for (const rule of DEVICE_RULES)
    if (rule.isUsed(disk) && !rule.allowed.includes(disk.device))
      cx.report.add(
        errors['only-for-device'],
        { what: rule.what, device: disk.device, allowed: rule.allowed },
        whereIs(disk, ...rule.path),
      );
  const { rotation_rate: rate } = disk.target;
  if (rate !== undefined && rate !== 1 && rate < 1025)
    cx.report.add(errors['rotation-rate'], { rate }, whereIs(disk, 'target', '@rotation_rate'));
}

/** A name with no number is no trouble where the address is written. */
function validateName(disk: Placed<Disk>, cx: ValidateContext): void {
  const { dev } = disk.target;
  const target = parseDiskTarget(dev);
  const isPlaced = disk.address?.type === 'drive' && disk[SOURCE]?.child('address') !== undefined;
  if (target?.partition !== undefined)
    cx.report.add(errors['partition-target'], { dev }, whereIs(disk, 'target', '@dev'));
  else if (isMisnamed(disk))
    cx.report.add(errors['target-of-device'], { dev, device: disk.device }, whereIs(disk, 'target', '@dev'));
  else if (target === undefined && !isPlaced)
    cx.report.add(errors['unknown-target'], { dev }, whereIs(disk, 'target', '@dev'));
}

const FLOPPY_NAME = /^fd/;
const DISK_NAME = /^(hd|sd|vd|xvd|ubd)/;

/** The name of a CD-ROM drive can be any. */
function isMisnamed({ device, target: { dev } }: Disk): boolean {
  return device === 'floppy' ? !FLOPPY_NAME.test(dev) : device !== 'cdrom' && !DISK_NAME.test(dev);
}

/** The buses that a kind of drive can be on. */
const BUSES: Readonly<Record<Disk['device'], readonly DiskBus[]>> = {
  disk: ['ide', 'scsi', 'virtio', 'usb', 'sata', 'sd'],
  cdrom: ['ide', 'scsi', 'usb', 'sata'],
  floppy: ['fdc'],
  lun: ['scsi', 'virtio'],
};

function validateBus(disk: Placed<Disk>, cx: ValidateContext): void {
  const { device } = disk;
  const { bus, dev } = disk.target;
  // Later QEMUs have no SCSI commands on virtio-blk.
  const isGone = device === 'lun' && bus === 'virtio' && !hasProperty(cx.env.caps, 'virtio-blk-pci', 'scsi');
  if (isGone || !BUSES[device].includes(bus))
    cx.report.add(errors['wrong-bus'], { device, bus, dev }, whereIs(disk, 'target', '@bus'));
}

const ADDRESSES: Readonly<Record<DiskBus, readonly string[]>> = {
  ide: ['drive'],
  scsi: ['drive'],
  sata: ['drive'],
  fdc: ['drive'],
  usb: ['usb'],
  virtio: ['pci', 'virtio-mmio'],
  sd: [],
  xen: [],
  uml: [],
};

function validateAddress(disk: Placed<Disk>, cx: ValidateContext): void {
  const type = disk.address?.type;
  const { bus, dev } = disk.target;
  if (type !== undefined && !ADDRESSES[bus].includes(type))
    cx.report.add(errors['wrong-address'], { type, dev, bus }, whereIs(disk, 'address', '@type'));
  else if (isDriveBus(bus) && disk.address?.type === 'drive') validateNumbers(disk, bus, disk.address, cx);
}

function validateNumbers(
  disk: Placed<Disk>,
  bus: DriveBus,
  { controller = 0, bus: channel = 0, target = 0, unit = 0 }: AddressOf<'drive'>,
  cx: ValidateContext,
): void {
  const address = { type: 'drive', controller, bus: channel, target, unit } as const;
  const model = findController(cx.domain, 'scsi', controller)?.model;
  for (const { part, value } of numbersBeyond(bus, address, bus === 'scsi' ? model : undefined))
    cx.report.add(
      errors['address-part'],
      { part, value, dev: disk.target.dev, bus, model: bus === 'scsi' ? (model ?? 'lsilogic') : undefined },
      whereIs(disk, 'address', `@${part}`),
    );
}

interface Rule<Allowed> {
  readonly what: string;
  readonly allowed: readonly Allowed[];
  readonly isUsed: (disk: Disk) => boolean;
  readonly path: readonly string[];
}

function driverRule(what: Extract<keyof Disk['driver'], string>): Rule<DiskBus> {
  return {
    what,
    allowed: ['virtio'],
    isUsed: ({ driver }) => driver[what] !== undefined,
    path: ['driver', `@${what}`],
  };
}

/** What only devices on some buses have (QEMU: properties of `virtio-blk`, `ide-hd`, `scsi-hd`, `usb-storage`). */
const BUS_RULES: readonly Rule<DiskBus>[] = [
  { what: 'model', allowed: ['virtio'], isUsed: (d) => d.model !== undefined, path: ['@model'] },
  driverRule('ioeventfd'),
  driverRule('event_idx'),
  driverRule('queues'),
  driverRule('queue_size'),
  driverRule('iothread'),
  driverRule('iothreads'),
  {
    what: 'shareBacking',
    allowed: ['scsi', 'usb', 'virtio'],
    isUsed: (d) => d.transient?.shareBacking !== undefined,
    path: ['transient', '@shareBacking'],
  },
  {
    what: 'virtio options',
    allowed: ['virtio'],
    isUsed: (d) => firstVirtioOption(d.driver) !== undefined,
    path: ['driver'],
  },
  {
    what: 'removable',
    allowed: ['usb'],
    isUsed: (d) => d.target.removable !== undefined && !(d.target.bus === 'scsi' && d.device === 'disk'),
    path: ['target', '@removable'],
  },
  {
    what: 'rotation_rate',
    allowed: ['scsi', 'ide', 'sata'],
    isUsed: (d) => d.target.rotation_rate !== undefined,
    path: ['target', '@rotation_rate'],
  },
  {
    what: 'geometry',
    allowed: ['ide', 'sata', 'scsi', 'virtio'],
    isUsed: (d) => d.geometry !== undefined,
    path: ['geometry'],
  },
  {
    what: 'trans',
    allowed: ['ide'],
    isUsed: (d) => d.geometry?.trans !== undefined,
    path: ['geometry', '@trans'],
  },
  {
    what: 'wwn',
    allowed: ['ide', 'scsi'],
    isUsed: (d) => d.wwn !== undefined,
    path: ['wwn'],
  },
  {
    what: 'serial',
    allowed: ['ide', 'fdc', 'scsi', 'virtio', 'usb', 'sata'],
    isUsed: (d) => d.serial !== undefined,
    path: ['serial'],
  },
  {
    what: 'iotune',
    allowed: ['ide', 'fdc', 'scsi', 'virtio', 'usb', 'sata'],
    isUsed: (d) => d.iotune !== undefined,
    path: ['iotune'],
  },
  { what: 'vendor', allowed: ['scsi'], isUsed: (d) => d.vendor !== undefined, path: ['vendor'] },
  {
    what: 'product',
    allowed: ['scsi', 'ide', 'sata'],
    isUsed: (d) => d.product !== undefined,
    path: ['product'],
  },
];

const DEVICE_RULES: readonly Rule<Disk['device']>[] = [
  {
    what: 'tray',
    allowed: ['cdrom', 'floppy'],
    isUsed: (d) => d.target.tray !== undefined,
    path: ['target', '@tray'],
  },
  {
    what: 'rotation_rate',
    allowed: ['disk'],
    isUsed: (d) => d.target.rotation_rate !== undefined,
    path: ['target', '@rotation_rate'],
  },
  {
    what: 'transient',
    allowed: ['disk'],
    isUsed: (d) => d.transient !== undefined,
    path: ['transient'],
  },
  {
    what: 'throttlefilters',
    allowed: ['disk', 'floppy', 'lun'],
    isUsed: (d) => d.throttlefilters !== undefined && d.throttlefilters.throttlefilter.length > 0,
    path: ['throttlefilters'],
  },
  { what: 'rawio', allowed: ['lun'], isUsed: (d) => d.rawio !== undefined, path: ['@rawio'] },
  { what: 'sgio', allowed: ['lun'], isUsed: (d) => d.sgio !== undefined, path: ['@sgio'] },
  {
    what: 'serial',
    allowed: ['disk', 'cdrom', 'floppy'],
    isUsed: (d) => d.serial !== undefined,
    path: ['serial'],
  },
];
