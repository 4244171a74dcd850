import {
  attribute,
  child,
  childAttribute,
  element,
  integer,
  oneOf,
  type Read,
  string,
} from '../../../xml/schema/index.ts';
import { chardevFields, chardevType } from '../../shared/chardev/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { outputOnlyAttribute } from '../../shared/output-only.ts';
import { attributeWithoutMeaning } from '../../shared/without-meaning.ts';

/** `<model>` belongs to serial ports: a console that is one takes the port's. */
const targetSchema = element(() => ({
  type: attribute(oneOf('serial', 'virtio', 'xen', 'uml', 'lxc', 'openvz', 'sclp', 'sclplm')),
  port: attribute(integer({ min: -1, max: 2 ** 31 - 1, samples: [0] })),
  model: childAttribute('name', string()),
}));

/** Format: "Console". */
export const consoleSchema = element(() => ({
  type: attribute(chardevType),
  tty: outputOnlyAttribute(),
  ...chardevFields,
  target: child(targetSchema),
  alias: deviceInfo.alias,
  acpi: child(element(() => ({ index: attributeWithoutMeaning() }))),
  address: deviceInfo.address,
}));

export type ConsoleXml = Read<typeof consoleSchema>;
export type ConsoleTarget = NonNullable<ConsoleXml['target']>;
