import {
  attribute,
  child,
  children,
  element,
  integer,
  oneOf,
  type Read,
  required,
  yesNo,
} from '../../../xml/schema/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { virtioOptions } from '../../shared/virtio-options.ts';

/** Format: "Sound devices". */
export const soundSchema = element(() => ({
  model: required(
    attribute(oneOf('sb16', 'es1370', 'pcspk', 'ac97', 'ich6', 'ich7', 'ich9', 'usb', 'virtio')),
  ),
  multichannel: attribute(yesNo),
  streams: attribute(integer({ min: 1, samples: [2, 4] })),
  codec: children(element(() => ({ type: required(attribute(oneOf('duplex', 'micro', 'output'))) }))),
  audio: child(element(() => ({ id: required(attribute(integer({ min: 1, samples: [1] }))) }))),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
  driver: child(element(() => ({ ...virtioOptions }))),
}));

export type Sound = Read<typeof soundSchema>;
export type SoundModel = Sound['model'];
