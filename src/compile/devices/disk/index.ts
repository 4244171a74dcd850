import type { DeviceModule } from '../../module.ts';
import { type Connection, virtioConnection } from '../../shared/connection.ts';
import { parseDiskTarget } from '../../shared/disk-target.ts';
import { emitDisk } from './emit.ts';
import type { Disk } from './model.ts';
import { resolveDisk } from './resolve.ts';
import { type DiskXml, diskSchema } from './schema.ts';
import { validateDisk } from './validate.ts';

export { diskId } from './id.ts';

/** Format: "Hard drives, floppy disks, CDROMs". */
export const disk: DeviceModule<DiskXml, Disk> = {
  kind: 'disk',
  schema: diskSchema,
  resolve: resolveDisk,
  connect: connectDisk,
  validate: validateDisk,
  emit: emitDisk,
};

function connectDisk({ target, model }: Disk): Connection | undefined {
  switch (target.bus) {
    case 'virtio':
      return virtioConnection(model);
    case 'usb':
      return { bus: 'usb' };
    case 'scsi':
    case 'sata':
    case 'ide':
    case 'fdc':
      return { bus: target.bus, index: parseDiskTarget(target.dev)?.index };
    default:
      return undefined;
  }
}
