import { type Codec, oneOf } from '../../../xml/schema/index.ts';

/** Where storage can be (format: `disk`, `type`). */
export const storageType = oneOf(
  'file',
  'block',
  'dir',
  'network',
  'volume',
  'nvme',
  'vhostuser',
  'vhostvdpa',
);
export type StorageType = Parameters<typeof storageType.write>[0];

/** Image formats (schema: `storageFormat`, without `luks`: encryption is an element of its own). */
export const storageFormat = oneOf(
  'raw',
  'dir',
  'bochs',
  'cloop',
  'dmg',
  'iso',
  'vpc',
  'vdi',
  'fat',
  'vhd',
  'ploop',
  'cow',
  'qcow',
  'qcow2',
  'qed',
  'vmdk',
);
export type StorageFormat = Parameters<typeof storageFormat.write>[0];

/** The formats that a disk's `<driver type>` can name: `aio` is an old word for raw. */
export const driverFormat: Codec<StorageFormat> = {
  ...storageFormat,
  read: (text) => (text === 'aio' ? 'raw' : storageFormat.read(text)),
};
