import { CAUSE, SOURCE, type Sourced } from '../../../../xml/index.ts';
import type { ControllerXml } from '../../../devices/controller/schema.ts';
import type { ParsedDomain } from '../../../domain.ts';
import { insertController } from '../../../shared/controller-list.ts';
import { parseDiskTarget } from '../../../shared/disk-target.ts';
import { type DriveAddress, driveAddress, MOST_DRIVE_CONTROLLERS } from '../../../shared/drive-address.ts';
import type { Implication } from '../implied.ts';

/**
 * SCSI host devices take the first units that are free, on controllers in their order, before controllers without an index
 * get theirs. Where all are full there is one more, of the model that the last has.
 */
export const scsiHostdevs: Implication = (domain) => {
  const { hostdev } = domain.devices;
  if (!hostdev.some(isScsi)) return {};
  const taken = takenUnits(domain);
  let controller: readonly ControllerXml[] = domain.devices.controller;
  const placed = hostdev.map((device) => {
    if (!isScsi(device)) return device;
    const address = device.address === undefined ? firstFree(taken) : written(device);
    if (address === undefined) return device;
    taken.add(keyOf(address));
    const isWritten = device.address !== undefined;
    const add = isWritten ? withAllUpTo : withController;
    controller = add(controller, address.controller, device);
    return { ...device, address };
  });
  return { hostdev: placed, controller };
};

type Hostdev = ParsedDomain['devices']['hostdev'][number];

function isScsi({ type }: Hostdev): boolean {
  return type === 'scsi';
}

/** The units that disks have by their addresses or their names, and host devices by their addresses. */
function takenUnits({ devices }: ParsedDomain): Set<string> {
  const taken = new Set<string>();
  for (const disk of devices.disk) {
    const target = parseDiskTarget(disk.target.dev);
    if ((disk.target.bus ?? (target?.prefix === 'sd' ? 'scsi' : undefined)) !== 'scsi') continue;
    const address = written(disk) ?? (target && driveAddress('scsi', target.index));
    if (address !== undefined) taken.add(keyOf(address));
  }
  for (const hostdev of devices.hostdev) {
    const address = isScsi(hostdev) ? written(hostdev) : undefined;
    if (address !== undefined) taken.add(keyOf(address));
  }
  return taken;
}

function written({ address }: { readonly address?: Hostdev['address'] }): DriveAddress | undefined {
  if (address?.type !== 'drive') return undefined;
  const { controller = 0, bus = 0, target = 0, unit = 0 } = address;
  return { ...address, controller, bus, target, unit };
}

function firstFree(taken: ReadonlySet<string>): DriveAddress {
  for (let index = 0; ; index++) {
    const address = driveAddress('scsi', index);
    if (!taken.has(keyOf(address))) return address;
  }
}

function keyOf({ controller, bus, target, unit }: DriveAddress): string {
  return `${controller} ${bus} ${target} ${unit}`;
}

/** The list with every SCSI controller up to the one that an address names, of no special model; what is too far is told where drives are placed. */
function withAllUpTo(list: readonly ControllerXml[], last: number, cause: Sourced): readonly ControllerXml[] {
  let all = list;
  for (let index = 0; index <= Math.min(last, MOST_DRIVE_CONTROLLERS); index++)
    if (!all.some((c) => c.type === 'scsi' && c.index === index))
      all = insertController(all, { type: 'scsi', index, [CAUSE]: cause[SOURCE] });
  return all;
}

/** The list with the SCSI controller in it; one that is counted among those without an index is not added. */
function withController(
  list: readonly ControllerXml[],
  index: number,
  cause: Sourced,
): readonly ControllerXml[] {
  const all = list.filter((c) => c.type === 'scsi');
  if (all.some((c) => c.index === index)) return list;
  const numbered = all.filter((c) => c.index !== undefined);
  if (index > 0 && index < all.length) return list;
  const last = numbered.at(-1);
  const model = last?.type === 'scsi' ? last.model : undefined;
  return insertController(list, {
    type: 'scsi',
    index,
    ...(model !== undefined && { model }),
    [CAUSE]: cause[SOURCE],
  });
}
