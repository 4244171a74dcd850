import { whereIs } from '../../../xml/index.ts';
import type { Context } from '../../context.ts';
import { type DeviceKind, deviceModule, type ParsedDomain } from '../../domain.ts';
import { changed } from '../../shared/changed.ts';
import type { DriveBus } from '../../shared/connection.ts';
import type { DeviceBase } from '../../shared/device-base.ts';
import { driveAddress, isDriveBus, MOST_DRIVE_CONTROLLERS } from '../../shared/drive-address.ts';
import { placeErrors } from './errors.ts';
import { mapDevices } from './map-devices.ts';
import { type Missing, MissingControllers } from './missing-controllers.ts';

/** SCSI host devices have their addresses already (`scsiHostdevs` in `phases/2-resolve/implied`). */
const HOLDERS: readonly DeviceKind[] = ['disk'];

/** The order in which controllers for drives are added. */
const BUS_ORDER: readonly DriveBus[] = ['scsi', 'fdc', 'ide', 'sata'];

/** The domain with an address for every drive, and the controllers that this takes. What an address leaves out is 0. */
export function placeDrives(
  domain: ParsedDomain,
  cx: Context,
): { domain: ParsedDomain; missing: readonly Missing[] } {
  const missing = new MissingControllers(domain);
  const placed = mapDevices(domain, HOLDERS, (device, kind) => {
    const connection = deviceModule(kind).connect?.(device, domain);
    if (connection === undefined || !isDriveBus(connection.bus)) return device;
    const { bus } = connection;
    const index = 'index' in connection ? connection.index : undefined;
    const { address } = device;
    const chosen = address === undefined && index !== undefined ? driveAddress(bus, index) : address;
    if (chosen?.type !== 'drive') return device;
    const { controller = 0, bus: channel = 0, target = 0, unit = 0 } = chosen;
    if (controller >= MOST_DRIVE_CONTROLLERS) reportTooFar(device, bus, controller, cx);
    else missing.want(bus, controller, device);
    return changed(device, { address: { ...chosen, controller, bus: channel, target, unit } });
  });
  return { domain: placed, missing: BUS_ORDER.flatMap((bus) => missing.withoutGaps(bus)) };
}

function reportTooFar(device: DeviceBase, bus: DriveBus, controller: number, cx: Context): void {
  cx.report.add(
    placeErrors['controller-too-far'],
    { bus, controller },
    whereIs(device, 'address', '@controller'),
  );
}
