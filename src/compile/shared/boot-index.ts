import type { Domain } from '../domain.ts';
import type { DeviceBase } from './device-base.ts';

/** What decides a device's place in the boot order. */
interface Bootable extends DeviceBase {
  readonly boot?: { readonly order?: number | undefined } | undefined;
}

type BootClass = 'fd' | 'hd' | 'cdrom' | 'network';

/**
 * QEMU's `bootindex` of a disk or interface: its own `<boot order>`, or the place of its class in `<os><boot dev>` if it
 * is the first of that class (format: "BIOS bootloader"); of a class that is named twice the last place counts. Constant
 * time.
 */
export function bootIndex(device: Bootable, domain: Domain): number | undefined {
  if (device.boot?.order !== undefined) return device.boot.order;
  const known = firsts.get(domain) ?? firstOfEachClass(domain);
  firsts.set(domain, known);
  return known.get(device);
}

/** A memo and no state: a placed domain never changes. */
const firsts = new WeakMap<Domain, ReadonlyMap<DeviceBase, number>>();

function firstOfEachClass(domain: Domain): ReadonlyMap<DeviceBase, number> {
  const map = new Map<DeviceBase, number>();
  if (hasOwnOrder(domain)) return map;
  const { os } = domain as { readonly os?: { readonly boot?: readonly { readonly dev: BootClass }[] } };
  for (const [index, { dev }] of (os?.boot ?? []).entries()) {
    const first = firstOf(dev, domain);
    if (first !== undefined) map.set(first, index + 1);
  }
  return map;
}

/** One `<boot order>` anywhere puts `<os><boot>` out of force. */
function hasOwnOrder({ devices }: Domain): boolean {
  const { disk, filesystem, interface: nics, hostdev, redirdev } = devices;
  return [disk, filesystem, nics, hostdev, redirdev].some((list) =>
    (list as readonly Bootable[]).some((d) => d.boot?.order !== undefined),
  );
}

function firstOf(dev: BootClass, domain: Domain): DeviceBase | undefined {
  if (dev === 'network') return domain.devices.interface[0];
  return domain.devices.disk.find(({ device }) => classOf(device) === dev);
}

function classOf(device: 'disk' | 'lun' | 'cdrom' | 'floppy'): BootClass {
  if (device === 'floppy') return 'fd';
  return device === 'cdrom' ? 'cdrom' : 'hd';
}
