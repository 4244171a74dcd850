import type { Controller } from '../../../devices/controller/model.ts';
import type { PciRequest } from './requests.ts';
import type { PciPlace } from './slots.ts';

/** The functions that the ICH9 has its USB controllers at (Intel ICH9 data sheet, 5.19 and 5.20). */
const ICH9_FUNCTIONS: Readonly<Record<string, number>> = {
  'ich9-uhci1': 0,
  'ich9-uhci2': 1,
  'ich9-uhci3': 2,
  'ich9-ehci1': 7,
};

/** The index and the function of an ICH9 USB controller: those of one index are functions of one slot. */
export function ich9Usb({ kind, device }: PciRequest): { index: number; function: number } | undefined {
  if (kind !== 'controller') return undefined;
  const controller = device as unknown as Controller;
  if (controller.type !== 'usb') return undefined;
  const fn = ICH9_FUNCTIONS[controller.model ?? ''];
  return fn === undefined ? undefined : { index: controller.index, function: fn };
}

/** Where the ICH9 USB controllers of each index are. */
export class CompanionSlots {
  readonly #slots = new Map<number, { readonly bus: number; readonly slot: number }>();

  remember(request: PciRequest, { bus, slot }: PciPlace): void {
    const usb = ich9Usb(request);
    if (usb !== undefined && !this.#slots.has(usb.index)) this.#slots.set(usb.index, { bus, slot });
  }

  /** The place beside the controllers of the same index; undefined if it is the first of them. */
  placeOf(request: PciRequest): PciPlace | undefined {
    const usb = ich9Usb(request);
    const slot = usb && this.#slots.get(usb.index);
    return usb && slot && { ...slot, function: usb.function };
  }
}
