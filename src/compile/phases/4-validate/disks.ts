import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { diskErrors as errors } from '../../devices/disk/errors.ts';
import { ioThreads } from '../../sections/iothreads/threads.ts';
import type { Address } from '../../shared/address.ts';
import type { DeviceBase } from '../../shared/device-base.ts';
import type { Iotune } from '../../shared/iotune.ts';

/** Disks among each other, and what they name elsewhere in the domain. */
export function validateDisks(cx: ValidateContext): void {
  refuseSharedTargets(cx);
  refuseSharedAddresses(cx);
  refuseUnknownGroups(cx);
  refuseUnknownIothreads(cx);
  refuseDifferingGroups(cx);
}

function refuseSharedTargets({ domain, report }: ValidateContext): void {
  const seen = new Set<string>();
  for (const disk of domain.devices.disk) {
    const { dev } = disk.target;
    if (seen.has(dev)) report.add(errors['duplicate-target'], { dev }, whereIs(disk, 'target', '@dev'));
    seen.add(dev);
  }
}

/** A drive's place on its controller is its alone; SCSI host devices sit on the same buses. */
function refuseSharedAddresses({ domain, report }: ValidateContext): void {
  const disks = new Set<string>();
  const hostdevs = new Set(
    (domain.devices.hostdev as readonly DeviceBase[]).flatMap((h) => drivePlace('scsi', h.address) ?? []),
  );
  for (const disk of domain.devices.disk) {
    const place = drivePlace(disk.target.bus, disk.address);
    if (place === undefined || disk.address?.type !== 'drive') continue;
    const { controller = 0, bus = 0, target = 0, unit = 0 } = disk.address;
    const params = { dev: disk.target.dev, controller, bus, target, unit };
    if (disks.has(place)) report.add(errors['duplicate-address'], params, whereIs(disk, 'address'));
    else if (hostdevs.has(place)) report.add(errors['hostdev-address'], params, whereIs(disk, 'address'));
    disks.add(place);
  }
}

function drivePlace(kind: string, address: Address | undefined): string | undefined {
  if (address?.type !== 'drive') return undefined;
  const { controller = 0, bus = 0, target = 0, unit = 0 } = address;
  return [kind, controller, bus, target, unit].join(' ');
}

function refuseUnknownGroups({ domain, report }: ValidateContext): void {
  const known = new Set(domain.throttlegroups?.groups.map((g) => g.group_name));
  for (const disk of domain.devices.disk)
    for (const filter of disk.throttlefilters?.throttlefilter ?? [])
      if (!known.has(filter.group))
        report.add(
          errors['unknown-throttle-group'],
          { dev: disk.target.dev, group: filter.group },
          whereIs(filter, '@group'),
        );
}

function refuseUnknownIothreads({ domain, report }: ValidateContext): void {
  const known = new Set(ioThreads(domain).map((thread) => thread.id));
  for (const disk of domain.devices.disk) {
    const { iothread, iothreads } = disk.driver;
    const used = [iothread, ...(iothreads?.iothread ?? []).map((t) => t.id)];
    for (const id of used)
      if (id !== undefined && !known.has(id))
        report.add(
          errors['unknown-iothread'],
          { dev: disk.target.dev, id },
          whereIs(disk, 'driver', '@iothread'),
        );
  }
}

/** Disks that share a throttling quota say the same of it. */
function refuseDifferingGroups({ domain, report }: ValidateContext): void {
  const groups = new Map<string, { readonly dev: string; readonly limits: string }>();
  for (const disk of domain.devices.disk) {
    const { iotune, target } = disk;
    const name = iotune?.group_name;
    if (iotune === undefined || name === undefined) continue;
    const limits = limitsOf(iotune);
    const first = groups.get(name);
    if (first === undefined) groups.set(name, { dev: target.dev, limits });
    else if (first.limits !== limits)
      report.add(
        errors['group-differs'],
        { name, dev: target.dev, other: first.dev },
        whereIs(disk, 'iotune'),
      );
  }
}

function limitsOf(tune: Iotune): string {
  const limits = Object.entries(tune).filter(([, value]) => typeof value === 'bigint' && value > 0n);
  return limits.map(([key, value]) => `${key} ${value}`).join('\n');
}
