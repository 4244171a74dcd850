import { mdevName } from '../host/mdev/sysfs.ts';
import { type NodeDevice, nodeDevices } from '../host/node-devices/index.ts';
import { functionAddress, nodeDeviceName } from '../host/pci/names.ts';
import type { MachineContext } from '../machine/index.ts';
import { type KnownMdev, knownMdevs, readMdevDefinition } from '../machine/mdevs/index.ts';
import type { MediatedDevice } from '../plan/index.ts';

/** A device of the host, or a mediated one that is only defined. */
export interface ListedDevice extends NodeDevice {
  readonly isActive: boolean;
  /** There is a definition of it; other devices are there when the host has them. */
  readonly isPersistent: boolean;
}

/** Every device of the host, and the mediated ones that are defined. */
export function listedDevices(cx: MachineContext): readonly ListedDevice[] {
  const known = knownMdevs(cx);
  const there = nodeDevices(cx.host).map((one) => asListed(one, known));
  const defined = known.filter(({ isActive }) => !isActive);
  return [...there, ...defined.map((one) => ({ ...asNodeDevice(one), isActive: false, isPersistent: true }))];
}

/** What is known of the attributes of one that is there, sysfs does not say. */
function asListed(device: NodeDevice, known: readonly KnownMdev[]): ListedDevice {
  const { capability } = device;
  if (capability.type !== 'mdev') return { ...device, isActive: true, isPersistent: false };
  const { attributes = [], isPersistent = false } = known.find(({ uuid }) => uuid === capability.uuid) ?? {};
  return { ...device, capability: { ...capability, attributes }, isActive: true, isPersistent };
}

/** A mediated device as it is defined. @throws QdomError `mdev/not-a-mdev`, `mdev/not-defined`. */
export function definedNodeDevice(cx: MachineContext, name: string): NodeDevice {
  return asNodeDevice(readMdevDefinition(cx, name));
}

function asNodeDevice(device: MediatedDevice): NodeDevice {
  const { uuid, parent, type, attributes } = device;
  const address = functionAddress(parent);
  return {
    name: mdevName(device),
    parent: address === undefined ? parent : nodeDeviceName(address),
    capability: { type: 'mdev', uuid, mdevType: type, parentAddress: parent, attributes },
  };
}
