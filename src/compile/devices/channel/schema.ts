import {
  attribute,
  child,
  element,
  integer,
  oneOf,
  type Read,
  required,
  string,
} from '../../../xml/schema/index.ts';
import { chardevFields, chardevType } from '../../shared/chardev/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { outputOnlyAttribute } from '../../shared/output-only.ts';

const targetSchema = element(() => ({
  type: required(attribute(oneOf('virtio', 'guestfwd', 'xen'))),
  name: attribute(string()),
  state: outputOnlyAttribute(),
  address: attribute(string({ samples: ['10.0.2.1'] })),
  port: attribute(integer({ max: 65535, samples: [4600] })),
}));

/** Format: "Channel". */
export const channelSchema = element(() => ({
  type: attribute(chardevType),
  ...chardevFields,
  target: required(child(targetSchema)),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

export type ChannelXml = Read<typeof channelSchema>;
