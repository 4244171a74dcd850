import type { DeviceModule } from '../../module.ts';
import { PCI_CONVENTIONAL } from '../../shared/connection.ts';
import { emitSerial } from './emit.ts';
import type { Serial } from './model.ts';
import { resolveSerial } from './resolve.ts';
import { type SerialXml, serialSchema } from './schema.ts';
import { validateSerial } from './validate.ts';

/** Format: "Serial port". */
export const serial: DeviceModule<SerialXml, Serial> = {
  kind: 'serial',
  schema: serialSchema,
  resolve: resolveSerial,
  connect: ({ target: { type } }) =>
    type === 'usb-serial' ? { bus: 'usb' } : type === 'pci-serial' ? PCI_CONVENTIONAL : undefined,
  validate: validateSerial,
  emit: emitSerial,
};
