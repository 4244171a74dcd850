import { defineErrors } from '../../../errors/index.ts';
import { SOURCE, whereIs } from '../../../xml/index.ts';
import {
  bigInteger,
  child,
  children,
  childText,
  element,
  integer,
  type Read,
  required,
  string,
} from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';

/** Format: "Block I/O Tuning". Settings of the cgroup that QEMU runs in; nothing of them is on its command line. */

const deviceSchema = element(() => ({
  path: required(childText(string({ samples: ['/dev/sda', '/dev/sdb'] }))),
  weight: childText(integer()),
  read_iops_sec: childText(integer()),
  write_iops_sec: childText(integer()),
  read_bytes_sec: childText(bigInteger()),
  write_bytes_sec: childText(bigInteger()),
}));

const blkiotuneSchema = element(() => ({
  weight: childText(integer()),
  device: children(deviceSchema),
}));

export type Blkiotune = Read<typeof blkiotuneSchema>;
type BlkioDevice = Blkiotune['device'][number];

export const blkiotuneErrors = defineErrors('blkiotune', () => ({
  'repeated-device': {
    class: 'invalid',
    message: (p: { path: string }) => `two <device> elements of <blkiotune> name the path '${p.path}'`,
  },
}));

export const blkiotune: SectionModule<Blkiotune | undefined> = {
  field: child(blkiotuneSchema),
  resolve: (value) => {
    if (value === undefined) return undefined;
    const { weight, device, ...rest } = value;
    return {
      ...rest,
      ...(weight !== undefined && weight > 0 && { weight }),
      device: device.map(withoutZeros).filter((d) => Object.keys(d).length > 1),
    };
  },
  validate: (value, cx) => {
    const paths = new Set<string>();
    for (const device of value?.device ?? []) {
      if (paths.has(device.path))
        cx.report.add(blkiotuneErrors['repeated-device'], { path: device.path }, whereIs(device, 'path'));
      paths.add(device.path);
    }
  },
};

/** A limit or weight of 0 means none. */
function withoutZeros(device: BlkioDevice): BlkioDevice {
  const kept = Object.entries(device).filter(([, value]) => value !== 0 && value !== 0n);
  return { ...Object.fromEntries(kept), path: device.path, [SOURCE]: device[SOURCE] };
}
