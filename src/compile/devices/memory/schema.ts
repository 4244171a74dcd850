import {
  attribute,
  bigInteger,
  child,
  childAttribute,
  childText,
  element,
  flag,
  integer,
  oneOf,
  required,
  string,
  uuid,
  yesNo,
} from '../../../xml/schema/index.ts';
import { addressSchema } from '../../shared/address.ts';
import { userAlias } from '../../shared/alias.ts';
import { numberSet } from '../../shared/number-set.ts';
import { size, sizeSchema } from '../../shared/size.ts';

/** Format: "Memory devices". */

const sourceSchema = element(() => ({
  nodemask: childText(numberSet),
  pagesize: size(),
  path: childText(string({ nonEmpty: true, samples: ['/dev/pmem0'] })),
  alignsize: size(),
  pmem: flag(),
}));

const guestAddress = {
  ...bigInteger(),
  write: (value: bigint) => `0x${value.toString(16)}`,
};

const targetSchema = element(() => ({
  dynamicMemslots: attribute(yesNo),
  size: required(child(sizeSchema)),
  node: childText(integer()),
  label: child(element(() => ({ size: required(child(sizeSchema)) }))),
  readonly: flag(),
  block: size(),
  requested: size(),
  current: size(),
  address: childAttribute('base', guestAddress),
}));

export const memoryDeviceSchema = element(() => ({
  model: required(attribute(oneOf('dimm', 'nvdimm', 'virtio-pmem', 'virtio-mem', 'sgx-epc'))),
  access: attribute(oneOf('shared', 'private')),
  discard: attribute(yesNo),
  uuid: childText(uuid),
  source: child(sourceSchema),
  target: required(child(targetSchema)),
  acpi: child(element(() => ({ index: attribute(integer()) }))),
  alias: userAlias(),
  address: child(addressSchema),
}));
