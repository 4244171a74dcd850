import type { Domain } from '../../domain.ts';
import type { DeviceBase } from '../../shared/device-base.ts';
import type { Interface } from './model.ts';

/** `net0` for what has a back end of its own; a NIC that is a host device is counted among the host devices. */
export function interfaceId(nic: Interface, domain: Domain): string {
  return idsOf(domain).get(nic) ?? 'net0';
}

/** `hostdev0`, after the NICs that are host devices by their own definition. */
export function hostdevId(device: DeviceBase, domain: Domain): string {
  return idsOf(domain).get(device) ?? 'hostdev0';
}

/** A memo and no state: the devices of a domain never change. */
const known = new WeakMap<Domain['devices'], ReadonlyMap<DeviceBase, string>>();

/** libvirt's order: NICs that are defined as host devices, host devices, NICs that a network makes host devices. */
function idsOf({ devices }: Domain): ReadonlyMap<DeviceBase, string> {
  const before = known.get(devices);
  if (before !== undefined) return before;
  const nics: readonly Interface[] = devices.interface;
  const assigned = nics.filter((nic) => nic.attachment.kind === 'hostdev');
  const hostdevs = [
    ...assigned.filter((nic) => nic.type === 'hostdev'),
    ...devices.hostdev,
    ...assigned.filter((nic) => nic.type !== 'hostdev'),
  ];
  const own = nics.filter((nic) => nic.attachment.kind !== 'hostdev');
  const ids = new Map([...numbered('hostdev', hostdevs), ...numbered('net', own)]);
  known.set(devices, ids);
  return ids;
}

/** A device that the user named takes no number. */
function numbered(prefix: string, devices: readonly DeviceBase[]): [DeviceBase, string][] {
  return devices.filter((device) => device.alias === undefined).map((device, i) => [device, `${prefix}${i}`]);
}
