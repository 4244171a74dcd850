import type { ElementSchema } from '../../../xml/schema/index.ts';
import {
  attribute,
  child,
  childAttribute,
  element,
  integer,
  oneOf,
  onOff,
  type Read,
  required,
  string,
} from '../../../xml/schema/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { type SizeElement, sizeElement } from '../../shared/size.ts';

const KIB_PER_MIB = 1024;

/** Read in any unit (bytes if there is none), printed in MiB: the size is a power of two of at least one. */
const sizeInMiB: ElementSchema<SizeElement> = {
  ...sizeElement({}, 'bytes'),
  write: ({ sizeKiB }, name) => ({
    name,
    attributes: sizeKiB % KIB_PER_MIB === 0 ? [['unit', 'M']] : [['unit', 'KiB']],
    children: [],
    text: String(sizeKiB % KIB_PER_MIB === 0 ? sizeKiB / KIB_PER_MIB : sizeKiB),
  }),
};

/** Format: "Shared memory device". */
export const shmemSchema = element(() => ({
  name: required(attribute(string())),
  role: attribute(oneOf('master', 'peer')),
  model: childAttribute('type', oneOf('ivshmem', 'ivshmem-plain', 'ivshmem-doorbell')),
  size: child(sizeInMiB),
  server: child(
    element(() => ({ path: attribute(string({ nonEmpty: true })) })),
    { keepEmpty: true },
  ),
  msi: child(element(() => ({ vectors: attribute(integer()), ioeventfd: attribute(onOff) }))),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

export type ShmemXml = Read<typeof shmemSchema>;

/** A shared memory device whose model is known. */
export interface Shmem extends ShmemXml {
  readonly model: NonNullable<ShmemXml['model']>;
}
