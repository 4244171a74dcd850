import { whereIs } from '../../../xml/index.ts';
import type { Context } from '../../context.ts';
import { DEVICE_KINDS, type Domain, deviceModule, type ParsedDomain } from '../../domain.ts';
import type { Address } from '../../shared/address.ts';
import type { Connection } from '../../shared/connection.ts';
import type { DeviceBase } from '../../shared/device-base.ts';
import { isDriveBus } from '../../shared/drive-address.ts';
import { machineOf } from '../../shared/machine.ts';
import { placeErrors } from './errors.ts';

/** Types that only other architectures' machines have. */
const FOREIGN: ReadonlySet<Address['type']> = new Set(['ccw', 'virtio-s390', 'mdev']);

/** Refuses addresses that no device of a PC can have. */
export function refuseForeignAddresses(domain: ParsedDomain, cx: Context): void {
  for (const kind of DEVICE_KINDS)
    for (const device of domain.devices[kind] as readonly DeviceBase[]) {
      const type = device.address?.type;
      if (type === undefined || (!FOREIGN.has(type) && (type !== 'unassigned' || kind === 'hostdev')))
        continue;
      const params = { type, kind, machine: machineOf(domain) };
      cx.report.add(placeErrors['foreign-address'], params, whereIs(device, 'address', '@type'));
    }
}

/**
 * Refuses a device whose address is of another bus than the device. Like libvirt, such a definition can be kept, and
 * does not start.
 */
export function refuseWrongAddresses(domain: Domain, cx: Context): void {
  for (const kind of DEVICE_KINDS)
    for (const device of domain.devices[kind] as readonly DeviceBase[]) {
      const type = device.address?.type;
      if (type === undefined) continue;
      const connection = deviceModule(kind).connect?.(device, domain);
      if (connection === undefined) continue;
      const wanted = addressTypeOf(connection);
      if (type === wanted || type === 'unassigned') continue;
      const params = { kind, wanted, type };
      cx.report.add(placeErrors['wrong-address-type'], params, whereIs(device, 'address', '@type'));
    }
}

function addressTypeOf({ bus }: Connection): Address['type'] {
  return isDriveBus(bus) ? 'drive' : bus;
}
