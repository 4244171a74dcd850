import { type Diagnostic, diagnose } from '../../../../errors/index.ts';
import { whereIs } from '../../../../xml/index.ts';
import type { Context } from '../../../context.ts';
import type { PciModel } from '../../../devices/controller/model.ts';
import type { DeviceBase } from '../../../shared/device-base.ts';
import { placeErrors } from '../errors.ts';
import { BUS_MODELS, type Plug } from './bus-models.ts';
import { CompanionSlots, ich9Usb } from './companions.ts';
import { controllersFor, MOST_BUSES } from './grow.ts';
import { type PciRequest, writtenDomain } from './requests.ts';
import { formatPlace, type PciPlace, PciSlots } from './slots.ts';

/** The worktable of one attempt to give every device its place on PCI. */
export class PciTable {
  readonly slots = new PciSlots();
  readonly places = new Map<DeviceBase, PciPlace>();
  /** Buses that had to be added, from the first index that was free. */
  readonly added: PciModel[] = [];
  /** Written addresses that mean the bus behind the one that they name. */
  readonly moved = new Map<DeviceBase, PciPlace>();
  /** Whether a conventional device had room before any was placed. */
  hadRoom = false;
  readonly #companions = new CompanionSlots();
  readonly #cx: Context;

  constructor(buses: readonly PciModel[], cx: Context) {
    this.#cx = cx;
    for (const [index, model] of buses.entries()) this.slots.add(index, model);
  }

  noteRoom(): void {
    this.hadRoom = this.slots.next('conventional') !== undefined;
  }

  /** Gives the device a place; false, and nothing is changed, if it is taken. */
  put(request: PciRequest, place: PciPlace): boolean {
    if (!this.slots.take(place, request.plug)) return false;
    this.places.set(request.device, place);
    this.#companions.remember(request, place);
    return true;
  }

  /** Takes the address that was written, adding the buses up to it. */
  takeWritten(request: PciRequest, written: PciPlace): void {
    const place = this.#growTo(request, written);
    const complaint = this.#complaint(request, place);
    if (complaint !== undefined) this.#cx.report.addAll([complaint]);
    else this.put(request, place);
  }

  #complaint({ device, plug }: PciRequest, place: PciPlace): Diagnostic | undefined {
    const { bus, slot } = place;
    const address = formatPlace(place);
    const where = whereIs(device, 'address');
    const domain = writtenDomain(device);
    if (domain) return diagnose(placeErrors['pci-domain'], { domain }, where);
    const model = this.slots.model(bus);
    if (model === undefined) return diagnose(placeErrors['no-such-bus'], { bus, address }, where);
    const { firstSlot: first, lastSlot: last, allows } = BUS_MODELS[model];
    if (plug === 'integrated' && bus !== 0)
      return diagnose(placeErrors['not-integrated'], { address }, where);
    if (!allows.has(plug))
      return diagnose(placeErrors['wrong-bus'], { what: nameOf(plug), bus, model, address }, where);
    if (slot < first || slot > last)
      return diagnose(placeErrors['slot-out-of-range'], { model, first, last, address }, where);
    return this.slots.isFree(place) ? undefined : diagnose(placeErrors['pci-in-use'], { address }, where);
  }

  /**
   * Adds buses until the written one is there. A conventional device on the next bus of a PCI Express machine means the bridge
   * that is added for it, and not the port that the bridge needs and which has the number: libvirt moves the address by one.
   */
  #growTo({ plug, device }: PciRequest, written: PciPlace): PciPlace {
    let place = written;
    while (this.slots.count <= place.bus) {
      const before = this.slots.count;
      if (!this.grow(plug)) break;
      if (place.bus !== before || this.slots.count === before + 1) continue;
      place = { ...place, bus: before + 1 };
      this.moved.set(device, place);
    }
    return place;
  }

  /** Finds the next free place, adding buses if there is none. */
  find(request: PciRequest): void {
    const beside = this.#companions.placeOf(request);
    if (beside !== undefined && this.put(request, beside)) return;
    const place = this.next(request.plug);
    const fn = ich9Usb(request)?.function;
    if (place !== undefined) this.put(request, { ...place, ...(fn !== undefined && { function: fn }) });
    else
      this.#cx.report.add(
        placeErrors['pci-full'],
        { what: nameOf(request.plug) },
        whereIs(request.device, 'address'),
      );
  }

  /** The next free place for the plug, on a bus that is added if need be. */
  next(plug: Plug): PciPlace | undefined {
    for (;;) {
      const place = this.slots.next(plug);
      if (place !== undefined) return place;
      if (!this.grow(plug)) return undefined;
    }
  }

  /** Adds what brings the plug a bus; false if nothing does. */
  grow(plug: Plug): boolean {
    const models = controllersFor(plug, this.slots);
    if (models.length === 0 || this.slots.count + models.length > MOST_BUSES) return false;
    for (const model of models) {
      this.slots.add(this.slots.count, model);
      this.added.push(model);
    }
    // The port that is added with a bridge is for that bridge.
    const [bridge] = models.filter((model) => model === 'pcie-to-pci-bridge');
    const port = bridge && this.slots.next(bridge);
    if (port !== undefined) this.slots.take(port, 'pcie-to-pci-bridge');
    return true;
  }
}

function nameOf(plug: Plug): string {
  if (plug === 'conventional') return 'a PCI device';
  if (plug === 'express' || plug === 'integrated') return 'a PCI Express device';
  return `a '${plug}'`;
}
