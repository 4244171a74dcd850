import type { PropValue } from '../../../plan/index.ts';
import type { EmitContext } from '../../context.ts';
import { iothreadId } from '../../sections/iothreads/threads.ts';
import { addressProps, controllerId } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { queueMappingProp } from '../../shared/queue-mapping.ts';
import { virtioDriver, virtioProps } from '../../shared/virtio-options.ts';
import { hasParallelBus, isBuiltInSata } from './controller.ts';
import type { Disk } from './model.ts';

type Entries = Record<string, PropValue | undefined>;

/** QEMU's device for a disk. */
export function deviceDriver(disk: Disk): string {
  const { bus } = disk.target;
  switch (bus) {
    case 'virtio':
      return virtioDriver(disk.type === 'vhostuser' ? 'vhost-user-blk' : 'virtio-blk', disk.model);
    case 'scsi':
      if (disk.device === 'lun') return 'scsi-block';
      return disk.device === 'cdrom' ? 'scsi-cd' : 'scsi-hd';
    case 'ide':
    case 'sata':
      return disk.device === 'cdrom' ? 'ide-cd' : 'ide-hd';
    case 'usb':
      return 'usb-storage';
    case 'fdc':
      return 'floppy';
    case 'sd':
    case 'xen':
    case 'uml':
      // Refused by `validate` or printed otherwise.
      return bus;
  }
}

/** Where the device sits, and what only devices of this bus have. */
export function busProps(disk: Placed<Disk>, cx: EmitContext): Entries {
  const { target, address } = disk;
  const { domain } = cx;
  if (target.bus === 'virtio')
    return { ...virtioProps(disk.driver), ...virtioQueues(disk), ...addressProps(disk, domain) };
  if (target.bus === 'usb') return addressProps(disk, domain);
  if (address?.type !== 'drive') return {};
  const { controller = 0, bus = 0, target: scsiTarget = 0, unit = 0 } = address;
  switch (target.bus) {
    case 'fdc':
      return { unit };
    case 'ide':
      return { bus: `ide.${bus}`, unit };
    case 'sata': {
      const name = isBuiltInSata(domain, controller) ? 'ide' : controllerId(domain, 'sata', controller);
      return { bus: `${name}.${unit}` };
    }
    case 'scsi': {
      const name = `${controllerId(domain, 'scsi', controller)}.0`;
      const device_id = disk.device === 'lun' ? undefined : disk.serial || `drive-${disk.id}`;
      if (hasParallelBus(domain, controller)) return { bus: name, 'scsi-id': unit, device_id };
      return { bus: name, channel: bus, 'scsi-id': scsiTarget, lun: unit, device_id };
    }
    default:
      return {};
  }
}

function virtioQueues({ driver, device }: Disk): Entries {
  const isVirtioLun = device === 'lun';
  return {
    scsi: isVirtioLun || undefined,
    iothread: driver.iothread === undefined ? undefined : iothreadId(driver.iothread),
    ioeventfd: driver.ioeventfd,
    event_idx: driver.event_idx,
    'num-queues': driver.queues,
    'queue-size': driver.queue_size,
    'iothread-vq-mapping': queueMappingProp(driver.iothreads),
  };
}
