import { whereIs } from '../../../xml/index.ts';
import type { Context } from '../../context.ts';
import type { ParsedDomain } from '../../domain.ts';
import type { DeviceBase } from '../../shared/device-base.ts';
import { placeErrors } from './errors.ts';
import { mapDevices } from './map-devices.ts';
import { type Missing, MissingControllers } from './missing-controllers.ts';

/** The domain with a slot for every smartcard, and the readers that this takes: QEMU's reader has a single slot. */
export function placeSmartcards(
  domain: ParsedDomain,
  cx: Context,
): { domain: ParsedDomain; missing: readonly Missing[] } {
  const missing = new MissingControllers(domain);
  const taken = new Set<number>();
  const reserve = (device: DeviceBase): DeviceBase => {
    const { address } = device;
    if (address?.type !== 'ccid') return device;
    const { controller = 0, slot = 0 } = address;
    if (taken.has(controller) || controller !== 0 || slot !== 0)
      cx.report.add(placeErrors['smartcard-slot'], { controller, slot }, whereIs(device, 'address'));
    taken.add(controller);
    missing.want('ccid', controller, device);
    return { ...device, address: { ...address, controller, slot } };
  };
  const fill = (device: DeviceBase): DeviceBase => {
    if (device.address !== undefined) return device;
    let controller = 0;
    while (taken.has(controller)) controller++;
    taken.add(controller);
    missing.want('ccid', controller, device);
    return { ...device, address: { type: 'ccid', controller, slot: 0 } };
  };
  const placed = mapDevices(mapDevices(domain, ['smartcard'], reserve), ['smartcard'], fill);
  return { domain: placed, missing: missing.of('ccid') };
}
