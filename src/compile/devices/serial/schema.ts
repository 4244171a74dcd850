import {
  attribute,
  child,
  childAttribute,
  element,
  integer,
  oneOf,
  type Read,
} from '../../../xml/schema/index.ts';
import { chardevFields, chardevType } from '../../shared/chardev/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { outputOnlyAttribute } from '../../shared/output-only.ts';

const targetSchema = element(() => ({
  type: attribute(
    oneOf(
      'isa-serial',
      'usb-serial',
      'pci-serial',
      'isa-debug',
      'spapr-vio-serial',
      'system-serial',
      'sclp-serial',
    ),
  ),
  port: attribute(integer({ min: -1, max: 2 ** 31 - 1, samples: [0, 3] })),
  model: childAttribute(
    'name',
    oneOf(
      'isa-serial',
      'usb-serial',
      'pci-serial',
      'isa-debugcon',
      'spapr-vty',
      'pl011',
      '16550a',
      'sclpconsole',
      'sclplmconsole',
    ),
  ),
}));

/** Format: "Serial port". */
export const serialSchema = element(() => ({
  type: attribute(chardevType),
  tty: outputOnlyAttribute(),
  ...chardevFields,
  target: child(targetSchema),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

export type SerialXml = Read<typeof serialSchema>;
export type SerialTarget = NonNullable<SerialXml['target']>;
