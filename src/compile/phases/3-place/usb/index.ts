import { type Diagnostic, diagnose } from '../../../../errors/index.ts';
import { whereIs } from '../../../../xml/index.ts';
import type { Context } from '../../../context.ts';
import { usbPortCount } from '../../../devices/controller/drivers.ts';
import { isOf } from '../../../devices/controller/model.ts';
import { DEVICE_KINDS, type DeviceKind, deviceModule, type ParsedDomain } from '../../../domain.ts';
import { changed } from '../../../shared/changed.ts';
import { isCompanion } from '../../../shared/controller-list.ts';
import type { DeviceBase } from '../../../shared/device-base.ts';
import { placeErrors } from '../errors.ts';
import { mapDevices } from '../map-devices.ts';
import { HUB_PORTS, UsbBus } from './ports.ts';

/** The order in which USB devices get ports: libvirt's. */
const PLACING_ORDER: readonly DeviceKind[] = [
  ...new Set<DeviceKind>([
    'hub',
    'disk',
    'interface',
    'sound',
    'hostdev',
    'video',
    'controller',
    ...DEVICE_KINDS,
  ]),
];

type Buses = ReadonlyMap<number, UsbBus>;
type Connected = (device: DeviceBase, kind: DeviceKind) => boolean;

/**
 * The domain with a port for every USB device, and hubs where the controllers' own ports do not suffice. Every such hub
 * takes a port and gives eight.
 */
export function placeUsb(domain: ParsedDomain, cx: Context): ParsedDomain {
  // An address of another type is no port that could be changed: it is told where the device is checked.
  const isUsb: Connected = (device, kind) =>
    (device.address === undefined || device.address.type === 'usb') &&
    deviceModule(kind).connect?.(device, domain)?.bus === 'usb';
  const buses = busesOf(domain);
  let waiting = 0;
  let ready = true;
  mapDevices(domain, PLACING_ORDER, (device, kind) => {
    if (!isUsb(device, kind)) return device;
    if (buses.size === 0 || isOff(domain)) {
      cx.report.addAll([withoutUsb(domain, device, kind)]);
      ready = false;
    } else if (wantsPort(device)) waiting++;
    return device;
  });
  if (!ready) return domain;
  const reserved = mapDevices(domain, PLACING_ORDER, (device, kind) =>
    isUsb(device, kind) ? reserve(device, kind, buses, cx) : device,
  );
  if (waiting === 0) return reserved;
  return mapDevices(withHubs(reserved, waiting, buses), PLACING_ORDER, (device, kind) =>
    isUsb(device, kind) && wantsPort(device) ? fill(device, kind, buses, cx) : device,
  );
}

function busesOf(domain: ParsedDomain): Buses {
  const buses = new Map<number, UsbBus>();
  for (const controller of domain.devices.controller.filter(isOf('usb'))) {
    if (controller.model === undefined || controller.model === 'none' || isCompanion(controller)) continue;
    buses.set(controller.index, new UsbBus(controller.ports ?? usbPortCount(controller.model)));
  }
  return new Map([...buses].sort(([a], [b]) => a - b));
}

function isOff(domain: ParsedDomain): boolean {
  return domain.devices.controller.some((c) => c.type === 'usb' && c.model === 'none');
}

function withoutUsb(domain: ParsedDomain, device: DeviceBase, kind: DeviceKind): Diagnostic {
  if (isOff(domain)) return diagnose(placeErrors['usb-disabled'], { kind }, whereIs(device));
  return diagnose(placeErrors['no-usb-bus'], { bus: 0 }, whereIs(device));
}

/** A device whose address is of another type keeps it, and is refused for it. */
function wantsPort({ address }: DeviceBase): boolean {
  return address === undefined || (address.type === 'usb' && address.port === undefined);
}

function portOf({ address }: DeviceBase): string | undefined {
  return address?.type === 'usb' ? address.port : undefined;
}

function reserve(device: DeviceBase, kind: DeviceKind, buses: Buses, cx: Context): DeviceBase {
  const { address } = device;
  const port = portOf(device);
  if (address?.type !== 'usb') return device;
  const { bus } = address;
  const at = buses.get(bus);
  const where = whereIs(device, 'address');
  if (at === undefined) {
    cx.report.add(placeErrors['no-usb-bus'], { bus }, where);
    return device;
  }
  if (port === undefined) return device;
  const trouble = at.take(port, kind === 'hub');
  if (trouble?.kind === 'no-port') cx.report.add(placeErrors['no-usb-port'], { bus, port }, where);
  if (trouble?.kind === 'in-use') cx.report.add(placeErrors['usb-port-in-use'], { bus, port }, where);
  if (trouble?.kind === 'no-hub')
    cx.report.add(placeErrors['no-usb-hub'], { bus, port, hub: trouble.hub }, where);
  return device;
}

/** Adds the hubs that are missing for `waiting` devices, the hubs that were written without a port among them. */
function withHubs(domain: ParsedDomain, waiting: number, buses: Buses): ParsedDomain {
  const { hub } = domain.devices;
  const coming = hub.filter(wantsPort).length * HUB_PORTS;
  const free = [...buses.values()].reduce((sum, bus) => sum + bus.freeCount, coming);
  if (waiting <= free) return domain;
  const count = Math.floor((waiting - free) / (HUB_PORTS - 1)) + 1;
  const added = Array.from({ length: count }, () => ({ type: 'usb' as const }));
  return { ...domain, devices: { ...domain.devices, hub: [...hub, ...added] } };
}

function fill(device: DeviceBase, kind: DeviceKind, buses: Buses, cx: Context): DeviceBase {
  const wanted = device.address?.type === 'usb' ? device.address.bus : undefined;
  for (const [bus, ports] of buses) {
    if (wanted !== undefined && bus !== wanted) continue;
    const port = ports.takeNext(kind === 'hub');
    if (port !== undefined)
      return changed(device, { address: changed(device.address ?? {}, { type: 'usb' as const, bus, port }) });
  }
  cx.report.add(placeErrors['usb-full'], undefined, whereIs(device));
  return device;
}
