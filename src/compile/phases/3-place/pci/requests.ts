import type { Controller } from '../../../devices/controller/model.ts';
import { DEVICE_KINDS, type DeviceKind, deviceModule, type ParsedDomain } from '../../../domain.ts';
import type { PciConnection } from '../../../shared/connection.ts';
import type { DeviceBase } from '../../../shared/device-base.ts';
import { isSerialPortAgain } from '../../../shared/serial-console.ts';
import type { Plug } from './bus-models.ts';
import type { PciPlace } from './slots.ts';

/** One device that sits on PCI. */
export interface PciRequest {
  readonly kind: DeviceKind;
  readonly device: DeviceBase;
  readonly plug: Plug;
  /** The address that was written. */
  readonly written?: PciPlace | undefined;
  readonly prefers?: PciConnection['prefers'] | undefined;
}

/**
 * The order in which kinds get addresses: libvirt's, and a part of the guest's ABI. Bridges and ports come before them
 * all, the chipset's own devices and the primary video before those.
 */
const PLACING_ORDER: readonly DeviceKind[] = [
  'filesystem',
  'interface',
  'sound',
  'controller',
  'disk',
  'hostdev',
  'memballoon',
  'rng',
  'watchdog',
  'video',
  'shmem',
  'input',
  'serial',
  'parallel',
  'iommu',
  'vsock',
  'memory',
  'crypto',
  'panic',
  'pstore',
];

/** A kind that libvirt does not place before others comes last. */
const WHOLE_PLACING_ORDER: readonly DeviceKind[] = [...new Set([...PLACING_ORDER, ...DEVICE_KINDS])];

/** The order in which written addresses are taken: it decides which of two devices is told of a conflict. */
const TAKING_ORDER: readonly DeviceKind[] = [
  ...new Set<DeviceKind>(['disk', 'interface', 'sound', 'hostdev', 'video', 'controller', ...DEVICE_KINDS]),
];

export interface PciRequests {
  /** In the order in which written addresses are taken. */
  readonly taking: readonly PciRequest[];
  /** Without an address, in the order in which they get one; PCI bridges and ports first. */
  readonly placing: readonly PciRequest[];
}

/** All devices that sit on PCI; `isExpress` says whether the machine's root is PCI Express. */
export function pciRequests(domain: ParsedDomain, isExpress: boolean): PciRequests {
  const byKind = new Map<DeviceKind, PciRequest[]>();
  for (const kind of DEVICE_KINDS) {
    const devices = domain.devices[kind] as readonly DeviceBase[];
    for (const device of devices) {
      const request = requestOf(kind, device, domain, isExpress);
      if (request === undefined) continue;
      const group = placedWith(kind, device);
      const others = byKind.get(group);
      if (others === undefined) byKind.set(group, [request]);
      else others.push(request);
    }
  }
  const all = (order: readonly DeviceKind[]) => order.flatMap((kind) => byKind.get(kind) ?? []);
  const waiting = all(WHOLE_PLACING_ORDER).filter((r) => r.written === undefined);
  return {
    taking: all(TAKING_ORDER).filter((r) => r.written !== undefined),
    placing: [...waiting.filter(isBus), ...waiting.filter((r) => !isBus(r))],
  };
}

/** A NIC that is a host device gets its address among the host devices. */
function placedWith(kind: DeviceKind, device: DeviceBase): DeviceKind {
  return kind === 'interface' && 'type' in device && device.type === 'hostdev' ? 'hostdev' : kind;
}

function requestOf(
  kind: DeviceKind,
  device: DeviceBase,
  domain: ParsedDomain,
  isExpress: boolean,
): PciRequest | undefined {
  const written = writtenPlace(device);
  if (kind === 'controller') {
    const plug = busPlug(device as unknown as Controller);
    if (plug !== undefined) return { kind, device, written, plug };
  }
  const { address } = device;
  if (isSerialPortAgain(kind, device, domain)) return undefined;
  if (address !== undefined && address.type !== 'pci') return undefined;
  const connection = deviceModule(kind).connect?.(device, domain);
  if (connection?.bus !== 'pci') {
    return written === undefined || connection !== undefined
      ? undefined
      : { kind, device, written, plug: 'conventional' };
  }
  const plug = isExpress ? connection.link : 'conventional';
  return { kind, device, written, plug, prefers: connection.prefers };
}

/** The plug of a PCI controller; undefined for a root, which plugs into nothing, and for what is no PCI controller. */
function busPlug(controller: Controller): Plug | undefined {
  if (controller.type !== 'pci') return undefined;
  const { model } = controller;
  return model === undefined || model === 'pci-root' || model === 'pcie-root' ? undefined : model;
}

function isBus({ kind, device }: PciRequest): boolean {
  return kind === 'controller' && busPlug(device as unknown as Controller) !== undefined;
}

/** A PC has PCI domain 0 alone. */
export function writtenDomain({ address }: DeviceBase): number {
  return address?.type === 'pci' ? (address.domain ?? 0) : 0;
}

/** 0000:00:00 is the host bridge itself, so an address of it says that none was chosen. */
function writtenPlace({ address }: DeviceBase): PciPlace | undefined {
  if (address?.type !== 'pci') return undefined;
  const { bus = 0, slot = 0, function: fn = 0 } = address;
  return bus === 0 && slot === 0 && !address.domain ? undefined : { bus, slot, function: fn };
}
