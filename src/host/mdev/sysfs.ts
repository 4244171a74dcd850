import type { MediatedDevice } from '../../plan/index.ts';
import type { HostSystem } from '../system.ts';

/** Kernel: vfio-mediated-device.rst. */
const PARENTS = '/sys/class/mdev_bus';
const DEVICES = '/sys/bus/mdev/devices';

/** A kind of mediated device that a device of the host can make. */
export interface MdevType {
  readonly id: string;
  readonly name?: string;
  readonly deviceApi: string;
  readonly availableInstances: number;
}

/** The devices that can make some, as sysfs calls them: `0000:06:00.0`. */
export function mdevParents(host: HostSystem): readonly string[] {
  return [...host.listDirectory(PARENTS)].sort();
}

/** Where sysfs has what a device can make. */
export function typesDirectory(parent: string): string {
  return `${PARENTS}/${parent}/mdev_supported_types`;
}

/** What a device can make. */
export function mdevTypes(host: HostSystem, parent: string): readonly MdevType[] {
  const directory = typesDirectory(parent);
  return [...host.listDirectory(directory)].sort().map((id) => {
    const text = (file: string) => host.readText(`${directory}/${id}/${file}`)?.trim();
    const name = text('name');
    return {
      id,
      ...(name !== undefined && name !== '' && { name }),
      deviceApi: text('device_api') ?? '',
      availableInstances: Number(text('available_instances') ?? 0),
    };
  });
}

/** The UUIDs of those that are there. */
export function mdevs(host: HostSystem): readonly string[] {
  return [...host.listDirectory(DEVICES)].sort();
}

/** Where sysfs has a mediated device. */
export function mdevPath(uuid: string): string {
  return `${DEVICES}/${uuid}`;
}

export function mdevUuid(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function isMdevThere(host: HostSystem, uuid: string): boolean {
  return host.status(mdevPath(uuid)) !== undefined;
}

/** Its IOMMU group; undefined where it has none. */
export function mdevGroup(host: HostSystem, uuid: string): string | undefined {
  return host
    .readLink(`${mdevPath(uuid)}/iommu_group`)
    ?.split('/')
    .at(-1);
}

/** What a mediated device that is there is of: its parent is the directory around it. */
export function mdevOrigin(host: HostSystem, uuid: string): Pick<MediatedDevice, 'parent' | 'type'> {
  return {
    parent: host.readLink(mdevPath(uuid))?.split('/').at(-2) ?? '',
    type:
      host
        .readLink(`${mdevPath(uuid)}/mdev_type`)
        ?.split('/')
        .at(-1) ?? '',
  };
}

/** `mdev_UUID_PARENT`: its name among the host's devices. */
export function mdevName({ uuid, parent }: Pick<MediatedDevice, 'uuid' | 'parent'>): string {
  return ['mdev', uuid, ...(parent === '' ? [] : [parent])].join('_').replace(/[^A-Za-z0-9]/g, '_');
}

/** The UUID in such a name, with its parent or without, or in itself; undefined where there is none. */
export function uuidOfName(name: string): string | undefined {
  const match =
    /^(?:mdev_)?([0-9a-f]{8})[-_]([0-9a-f]{4})[-_]([0-9a-f]{4})[-_]([0-9a-f]{4})[-_]([0-9a-f]{12})(?:_.*)?$/i;
  return match.exec(name)?.slice(1).join('-').toLowerCase();
}
