import {
  attribute,
  child,
  childAttribute,
  children,
  childText,
  element,
  flag,
  integer,
  oneOf,
  onOff,
  type Read,
  required,
  string,
  unless,
  yesNo,
} from '../../../xml/schema/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { iotuneSchema } from '../../shared/iotune.ts';
import { outputOnlyChild } from '../../shared/output-only.ts';
import { queueMappingSchema } from '../../shared/queue-mapping.ts';
import { backingStoreSchema, metadataCacheSchema } from '../../shared/storage/chain.ts';
import { authSchema, encryptionSchema } from '../../shared/storage/parts.ts';
import { storageSourceSchema } from '../../shared/storage/source.ts';
import { driverFormat, storageType } from '../../shared/storage/types.ts';
import { virtioOptions } from '../../shared/virtio-options.ts';

const driverSchema = element(() => ({
  name: attribute(string({ nonEmpty: true, samples: ['qemu'] })),
  type: attribute(driverFormat),
  cache: unless(
    'default',
    attribute(oneOf('default', 'none', 'writethrough', 'writeback', 'directsync', 'unsafe')),
  ),
  error_policy: attribute(oneOf('stop', 'report', 'ignore', 'enospace')),
  rerror_policy: attribute(oneOf('stop', 'report', 'ignore')),
  io: attribute(oneOf('threads', 'native', 'io_uring')),
  ioeventfd: attribute(onOff),
  event_idx: attribute(onOff),
  copy_on_read: attribute(onOff),
  discard: attribute(oneOf('unmap', 'ignore')),
  iothread: attribute(integer({ min: 1 })),
  detect_zeroes: attribute(oneOf('off', 'on', 'unmap')),
  queues: unless(0, attribute(integer({ max: 0xffff }))),
  queue_size: unless(0, attribute(integer({ max: 0xffff }))),
  discard_no_unref: attribute(onOff),
  ...virtioOptions,
  iothreads: child(queueMappingSchema),
  metadata_cache: child(metadataCacheSchema),
}));
export type DiskDriver = Read<typeof driverSchema>;

/** The schema's own pattern allows anything after the bus's letters; `parseDiskTarget` is stricter. */
const targetSchema = element(() => ({
  dev: required(attribute(string({ nonEmpty: true, samples: ['vda', 'sdb'] }))),
  bus: attribute(oneOf('ide', 'fdc', 'scsi', 'virtio', 'xen', 'usb', 'uml', 'sata', 'sd')),
  tray: attribute(oneOf('open', 'closed')),
  removable: attribute(onOff),
  rotation_rate: unless(0, attribute(integer({ max: 0xffff }))),
}));
export type DiskBus = NonNullable<Read<typeof targetSchema>['bus']>;

const geometrySchema = element(() => ({
  cyls: attribute(integer()),
  heads: attribute(integer()),
  secs: attribute(integer()),
  trans: attribute(oneOf('auto', 'none', 'lba')),
}));

const printable = (most: number) =>
  string({
    pattern: new RegExp(`^[\\x20-\\x7e]{0,${most}}$`),
    expected: `at most ${most} printable characters`,
    samples: ['SEAGATE'],
  });

/** A whole disk element (format: "Hard drives, floppy disks, CDROMs"; schema: `disk`). */
export const diskSchema = element(() => ({
  type: attribute(storageType),
  device: attribute(oneOf('disk', 'cdrom', 'floppy', 'lun')),
  model: attribute(oneOf('virtio', 'virtio-transitional', 'virtio-non-transitional')),
  rawio: attribute(yesNo),
  sgio: attribute(oneOf('filtered', 'unfiltered')),
  snapshot: attribute(oneOf('no', 'internal', 'external', 'manual')),
  driver: child(driverSchema),
  auth: child(authSchema),
  source: child(storageSourceSchema),
  backingStore: child(backingStoreSchema, { keepEmpty: true }),
  backenddomain: childAttribute('name', string()),
  geometry: child(geometrySchema),
  blockio: child(
    element(() => ({
      logical_block_size: unless(0, attribute(integer())),
      physical_block_size: unless(0, attribute(integer())),
      discard_granularity: unless(0, attribute(integer())),
    })),
  ),
  mirror: outputOnlyChild(),
  privateData: outputOnlyChild(),
  target: required(child(targetSchema)),
  iotune: child(iotuneSchema),
  throttlefilters: child(
    element(() => ({
      throttlefilter: children(element(() => ({ group: required(attribute(string({ nonEmpty: true }))) }))),
    })),
  ),
  readonly: flag(),
  shareable: flag(),
  transient: child(
    element(() => ({ shareBacking: unless(false, attribute(yesNo)) })),
    { keepEmpty: true },
  ),
  serial: childText(string(), { verbatim: true }),
  wwn: childText(
    string({
      pattern: /^(0x)?[0-9a-fA-F]{16}$/,
      expected: '16 hexadecimal digits',
      samples: ['5000c50015ea71ad'],
    }),
  ),
  vendor: childText(printable(8), { verbatim: true }),
  product: childText(printable(40), { verbatim: true }),
  encryption: child(encryptionSchema),
  boot: deviceInfo.boot,
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

export type DiskXml = Read<typeof diskSchema>;
