import { type HostRequirement, jsonOption, type PropValue } from '../../../plan/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { addressProps, romProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { fileOwner } from '../../shared/file-owner.ts';
import { pciName } from '../../shared/pci-function.ts';
import { virtioDriver } from '../../shared/virtio-options.ts';
import { emitScsi } from './emit-scsi.ts';
import type { Hostdev } from './model.ts';
import type { HostdevOf } from './schema.ts';
import { hostUsbDevice } from './usb.ts';

type Of<T extends Hostdev['type']> = Placed<HostdevOf<T> & Hostdev>;
type Entries = Record<string, PropValue | undefined>;

/** A host device in QEMU's words. */
export function emitHostdev(dev: Placed<Hostdev>, cx: EmitContext): Emission {
  switch (dev.type) {
    case 'pci':
      return emitPci(dev, cx);
    case 'mdev':
      return emitMdev(dev, cx);
    case 'usb':
      return emitUsb(dev, cx);
    case 'scsi':
      return emitScsi(dev, cx);
    case 'scsi_host':
      return emitVhostScsi(dev, cx);
    default:
      return { options: [] };
  }
}

function device(
  dev: Placed<Hostdev>,
  own: Entries,
  cx: EmitContext,
  host: readonly HostRequirement[],
): Emission {
  const placement = { bootindex: dev.boot?.order, ...addressProps(dev, cx.domain) };
  const rom = dev.type === 'pci' ? romProps(dev) : {};
  return { options: [jsonOption('-device', { ...own, ...placement, ...rom })], host };
}

/** QEMU's vfio-pci; with a framebuffer of its own it cannot be hot-plugged. */
function vfioDriver(dev: Of<'pci'> | Of<'mdev'>): string {
  return dev.ramfb === true ? 'vfio-pci-nohotplug' : 'vfio-pci';
}

function displayProps({ display, ramfb }: Of<'pci'> | Of<'mdev'>): Entries {
  return {
    display: display === undefined ? undefined : display ? 'on' : 'off',
    ramfb: ramfb === true ? true : undefined,
  };
}

/** A function without an address in the guest is taken from the host and given to nobody. */
function emitPci(dev: Of<'pci'>, cx: EmitContext): Emission {
  const address = pciName(dev.source?.address ?? {});
  const driver = dev.driver?.model;
  const host: HostRequirement[] = [
    {
      type: 'pci-function',
      device: dev.id,
      function: address,
      managed: dev.managed,
      ...(driver !== undefined && { driver }),
    },
  ];
  if (dev.address?.type === 'unassigned') return { options: [], host };
  const own = {
    driver: vfioDriver(dev),
    host: address,
    id: dev.id,
    ...displayProps(dev),
    failover_pair_id: dev.teaming?.persistent,
  };
  return device(dev, own, cx, host);
}

function emitMdev(dev: Of<'mdev'>, cx: EmitContext): Emission {
  const uuid = dev.source?.address?.uuid ?? '';
  const sysfs = `/sys/bus/mdev/devices/${uuid}`;
  const definition = cx.env.facts.mediatedDevices?.[uuid];
  const own = { driver: vfioDriver(dev), id: dev.id, sysfsdev: sysfs, ...displayProps(dev) };
  return device(dev, own, cx, [
    { type: 'mediated-device', device: dev.id, path: sysfs, ...(definition && { definition }) },
  ]);
}

const GUEST_RESET = {
  off: { 'guest-reset': false },
  uninitialized: { 'guest-reset': true, 'guest-resets-all': false },
  on: { 'guest-reset': true, 'guest-resets-all': true },
} as const;

/** QEMU's usb-host by its device node, `/dev/bus/usb/BBB/DDD`. */
function emitUsb(dev: Of<'usb'>, cx: EmitContext): Emission {
  const found = hostUsbDevice(dev, cx);
  if (found === undefined) return { options: [] };
  const digits = (value: number) => String(value).padStart(3, '0');
  const path = `/dev/bus/usb/${digits(found.bus)}/${digits(found.device)}`;
  const reset = dev.source?.guestReset;
  const own = {
    driver: 'usb-host',
    hostdevice: path,
    ...(reset !== undefined && GUEST_RESET[reset]),
    id: dev.id,
  };
  return device(dev, own, cx, [
    { type: 'usb-device', device: dev.id, path },
    ...fileOwner(dev.id, path, { access: 'write' }, cx),
  ]);
}

/** All units behind a vhost-scsi target of the host's configfs. */
function emitVhostScsi(dev: Of<'scsi_host'>, cx: EmitContext): Emission {
  const fd = `${dev.id}-vhost`;
  const own = {
    driver: virtioDriver('vhost-scsi', dev.model),
    wwpn: dev.source?.wwpn,
    vhostfd: { fd },
    id: dev.id,
  };
  return device(dev, own, cx, [
    { type: 'vhost-scsi-target', device: dev.id, wwpn: dev.source?.wwpn ?? '' },
    { type: 'device-fd', fd, path: '/dev/vhost-scsi' },
  ]);
}
