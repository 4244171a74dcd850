import type { PciModel } from '../../../devices/controller/model.ts';
import { BUS_MODELS, type Plug, sharesSlot } from './bus-models.ts';

/** A function on a bus; the PCI domain is always 0 on a PC. */
export interface PciPlace {
  readonly bus: number;
  readonly slot: number;
  readonly function: number;
}

/** `0000:00:1f.2`. */
export function formatPlace({ bus, slot, function: fn }: PciPlace): string {
  return `0000:${hex2(bus)}:${hex2(slot)}.${fn}`;
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}

const SLOTS = 32;

/** One PCI bus while devices are put on it. */
class Bus {
  readonly model: PciModel;
  /** By slot; bit n is function n. */
  readonly #functions = new Uint8Array(SLOTS);
  /** By slot: 1 if only ports that share slots are in it. */
  readonly #shared = new Uint8Array(SLOTS);
  /** Slots below it are not empty. */
  #firstEmpty: number;

  constructor(model: PciModel) {
    this.model = model;
    this.#firstEmpty = BUS_MODELS[model].firstSlot;
  }

  /** False if the function is taken. */
  take(slot: number, fn: number, shares: boolean): boolean {
    const taken = this.#functions[slot];
    if (taken === undefined || (taken & (1 << fn)) !== 0) return false;
    this.#shared[slot] = shares && (taken === 0 || this.#shared[slot] === 1) ? 1 : 0;
    this.#functions[slot] = taken | (1 << fn);
    return true;
  }

  isFree(slot: number, fn: number): boolean {
    return ((this.#functions[slot] ?? 0xff) & (1 << fn)) === 0;
  }

  isEmpty(slot: number): boolean {
    return this.#functions[slot] === 0;
  }

  hasOtherFunctions(slot: number): boolean {
    return ((this.#functions[slot] ?? 0) & ~1) !== 0;
  }

  /** The lowest empty slot, or for plugs that share slots the lowest free function. */
  next(shares: boolean): Omit<PciPlace, 'bus'> | undefined {
    const { firstSlot, lastSlot } = BUS_MODELS[this.model];
    while (this.#firstEmpty <= lastSlot && !this.isEmpty(this.#firstEmpty)) this.#firstEmpty++;
    for (let slot = shares ? firstSlot : this.#firstEmpty; slot <= lastSlot; slot++) {
      const taken = this.#functions[slot];
      if (taken === 0) return { slot, function: 0 };
      if (taken === undefined || !shares || this.#shared[slot] === 0 || taken === 0xff) continue;
      return { slot, function: Math.log2(~taken & (taken + 1)) };
    }
    return undefined;
  }
}

/** All PCI buses of a machine while devices are put on them: a worktable of the placing phase. */
export class PciSlots {
  readonly #buses: (Bus | undefined)[] = [];

  add(index: number, model: PciModel): void {
    this.#buses[index] = new Bus(model);
  }

  get count(): number {
    return this.#buses.length;
  }

  model(bus: number): PciModel | undefined {
    return this.#buses[bus]?.model;
  }

  /** Whether some bus takes the plug, full or not. */
  someTakes(plug: Plug): boolean {
    return this.#buses.some((bus) => bus !== undefined && BUS_MODELS[bus.model].takes.has(plug));
  }

  /** False if the function is taken, or the bus is not there. */
  take({ bus, slot, function: fn }: PciPlace, plug: Plug): boolean {
    return this.#buses[bus]?.take(slot, fn, sharesSlot(plug)) ?? false;
  }

  isFree({ bus, slot, function: fn }: PciPlace): boolean {
    return this.#buses[bus]?.isFree(slot, fn) ?? false;
  }

  isEmpty(bus: number, slot: number): boolean {
    return this.#buses[bus]?.isEmpty(slot) ?? false;
  }

  /** Whether the slot has a function besides 0, so that function 0 must say that there are more. */
  isMultifunction({ bus, slot }: PciPlace): boolean {
    return this.#buses[bus]?.hasOtherFunctions(slot) ?? false;
  }

  /** The next free place for the plug, by bus and slot; takes nothing. */
  next(plug: Plug): PciPlace | undefined {
    const shares = sharesSlot(plug);
    for (const [index, bus] of this.#buses.entries()) {
      if (bus === undefined || !BUS_MODELS[bus.model].takes.has(plug)) continue;
      const place = bus.next(shares);
      if (place !== undefined) return { bus: index, ...place };
    }
    return undefined;
  }
}
