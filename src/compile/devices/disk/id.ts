import type { Domain } from '../../domain.ts';
import { parseDiskTarget } from '../../shared/disk-target.ts';
import { hasShortIds } from './controller.ts';
import type { Disk } from './model.ts';

/** libvirt's alias for a disk whose address is known: by its place on a bus of drives, else by its target's number. */
export function diskId(disk: Disk, domain: Domain): string {
  const { bus, dev } = disk.target;
  const { address } = disk;
  if (address?.type === 'drive' && (bus === 'ide' || bus === 'sata' || bus === 'fdc' || bus === 'scsi')) {
    const { controller = 0, bus: channel = 0, target = 0, unit = 0 } = address;
    const wide = bus === 'scsi' && !hasShortIds(domain, controller);
    return `${bus}${controller}-${channel}-${wide ? `${target}-` : ''}${unit}`;
  }
  return `${bus}-disk${parseDiskTarget(dev)?.index ?? 0}`;
}
