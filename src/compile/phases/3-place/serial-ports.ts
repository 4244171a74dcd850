import { whereIs } from '../../../xml/index.ts';
import type { Context } from '../../context.ts';
import { type DeviceKind, deviceModule, type ParsedDomain } from '../../domain.ts';
import type { AddressOf } from '../../shared/address.ts';
import { changed } from '../../shared/changed.ts';
import type { DeviceBase } from '../../shared/device-base.ts';
import { placeErrors } from './errors.ts';
import { mapDevices } from './map-devices.ts';
import { type Missing, MissingControllers } from './missing-controllers.ts';

type SerialAddress = AddressOf<'virtio-serial'>;

const HOLDERS: readonly DeviceKind[] = ['console', 'channel'];

/** Ports of a controller that says nothing else: QEMU's `max_ports` of virtio-serial. */
const DEFAULT_PORTS = 31;

/** The ports of virtio-serial controllers while they are given out. */
class SerialPorts {
  readonly #portCounts = new Map<number, number>();
  readonly #taken = new Map<number, Set<number>>();
  readonly #next = new Map<number, number>();
  #count = 0;

  constructor(domain: ParsedDomain) {
    for (const controller of domain.devices.controller)
      if (controller.type === 'virtio-serial') this.add(controller.index ?? 0, controller.ports);
  }

  add(controller: number, ports: number | undefined): void {
    this.#portCounts.set(controller, ports ?? DEFAULT_PORTS);
    this.#count = Math.max(this.#count, controller + 1);
  }

  /** Adds a controller that nobody wrote. */
  ensure(controller: number): void {
    if (!this.#portCounts.has(controller)) this.add(controller, undefined);
  }

  portsOf(controller: number): number {
    return this.#portCounts.get(controller) ?? 0;
  }

  /** False if it is taken. */
  take(controller: number, port: number): boolean {
    const taken = this.#taken.get(controller) ?? new Set();
    this.#taken.set(controller, taken);
    if (taken.has(port)) return false;
    taken.add(port);
    return true;
  }

  /** The lowest free port of a controller; undefined if it is full. */
  nextOn(controller: number): number | undefined {
    const taken = this.#taken.get(controller);
    let port = this.#next.get(controller) ?? 1;
    while (taken?.has(port)) port++;
    this.#next.set(controller, port);
    return port < this.portsOf(controller) ? port : undefined;
  }

  /** The first controller with a free port, which is a new one if all are full. */
  nextController(): number {
    const indexes = [...this.#portCounts.keys()].sort((a, b) => a - b);
    return indexes.find((index) => this.nextOn(index) !== undefined) ?? this.#count;
  }
}

/**
 * The domain with a port for every virtio channel, and the controllers that this takes. Consoles keep what they were
 * written with: QEMU numbers them itself, and one that was written at port 0 has a port set aside for it.
 */
export function placeSerialPorts(
  domain: ParsedDomain,
  cx: Context,
): { domain: ParsedDomain; missing: readonly Missing[] } {
  const ports = new SerialPorts(domain);
  const missing = new MissingControllers(domain);
  const want = (controller: number, device: DeviceBase) => {
    ports.ensure(controller);
    missing.want('virtio-serial', controller, device);
  };
  const onEach = (change: (device: DeviceBase, firstPort: 0 | 1) => DeviceBase): Change => {
    return (device, kind) => {
      const connection = deviceModule(kind).connect?.(device, domain);
      return connection?.bus === 'virtio-serial' && isSerialAddress(device.address)
        ? change(device, connection.firstPort)
        : device;
    };
  };
  const reserve = onEach((device) => {
    const address = serialAddress(device);
    want(address?.controller ?? 0, device);
    return address?.port ? take(device, address, address.port, ports, cx) : device;
  });
  const fill = onEach((device, firstPort) => {
    const address = serialAddress(device);
    if (address?.port || (firstPort === 0 && address === undefined)) return device;
    const controller = address?.controller ?? (address === undefined ? ports.nextController() : 0);
    want(controller, device);
    const port = ports.nextOn(controller);
    if (port === undefined) {
      cx.report.add(placeErrors['serial-ports-full'], { controller }, whereIs(device, 'address'));
      return device;
    }
    ports.take(controller, port);
    return changed(device, { address: addressOf(address, controller, firstPort === 0 ? 0 : port) });
  });
  const placed = mapDevices(mapDevices(domain, HOLDERS, reserve), HOLDERS, fill);
  return { domain: placed, missing: missing.of('virtio-serial') };
}

type Change = (device: DeviceBase, kind: DeviceKind) => DeviceBase;

function isSerialAddress(address: DeviceBase['address']): boolean {
  return address === undefined || address.type === 'virtio-serial';
}

function serialAddress({ address }: DeviceBase): SerialAddress | undefined {
  return address?.type === 'virtio-serial' ? address : undefined;
}

/** Takes a port that was written. */
function take(
  device: DeviceBase,
  address: SerialAddress,
  port: number,
  ports: SerialPorts,
  cx: Context,
): DeviceBase {
  const { controller = 0 } = address;
  const last = ports.portsOf(controller) - 1;
  const where = whereIs(device, 'address', '@port');
  if (port > last) cx.report.add(placeErrors['serial-port-out-of-range'], { controller, port, last }, where);
  else if (!ports.take(controller, port))
    cx.report.add(placeErrors['serial-port-in-use'], { controller, port }, where);
  // A controller has a single bus; the number that is written beside a port stays all the same.
  return changed(device, { address: { ...addressOf(address, controller, port), bus: address.bus ?? 0 } });
}

/** A controller has a single bus. */
function addressOf(written: SerialAddress | undefined, controller: number, port: number): SerialAddress {
  return changed(written ?? {}, { type: 'virtio-serial' as const, controller, bus: 0, port });
}
