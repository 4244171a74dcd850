import {
  attribute,
  child,
  element,
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
import { virtioOptions } from '../../shared/virtio-options.ts';

const VIDEO_TYPE_NAMES = [
  'vga',
  'cirrus',
  'vmvga',
  'xen',
  'vbox',
  'qxl',
  'virtio',
  'gop',
  'none',
  'bochs',
  'ramfb',
] as const;

const sizeKiB = attribute(integer({ samples: [16384] }));

const modelSchema = element(() => ({
  type: unless('default', attribute(oneOf('default', ...VIDEO_TYPE_NAMES))),
  ram: sizeKiB,
  vram: sizeKiB,
  vram64: sizeKiB,
  vgamem: sizeKiB,
  heads: attribute(integer({ min: 1, samples: [1] })),
  primary: attribute(yesNo),
  blob: attribute(onOff),
  acceleration: child(
    element(() => ({
      accel2d: attribute(yesNo),
      accel3d: attribute(yesNo),
      rendernode: attribute(string({ samples: ['/dev/dri/renderD128'] })),
    })),
  ),
  resolution: child(
    element(() => ({
      x: required(attribute(integer({ samples: [800] }))),
      y: required(attribute(integer({ samples: [600] }))),
    })),
  ),
}));

/** Format: "Video devices". */
export const videoSchema = element(() => ({
  driver: child(
    element(() => ({
      ...virtioOptions,
      name: attribute(oneOf('qemu', 'vhostuser')),
      vgaconf: unless('io', attribute(oneOf('io', 'on', 'off'))),
    })),
  ),
  model: child(modelSchema),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

export type VideoXml = Read<typeof videoSchema>;
export type VideoModel = NonNullable<VideoXml['model']>;
export type VideoType = NonNullable<VideoModel['type']>;
