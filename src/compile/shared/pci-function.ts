import { attribute, element, hex } from '../../xml/schema/index.ts';
import type { Context } from '../context.ts';
import { attributeWithoutMeaning } from './without-meaning.ts';

/** A PCI function of the host, as attributes of an `<address>`. */
export const pciFunctionFields = {
  domain: attribute(hex(4)),
  bus: attribute(hex(2)),
  slot: attribute(hex(2, 0x1f)),
  function: attribute(hex(1, 7)),
  multifunction: attributeWithoutMeaning(),
} as const;

export const pciFunctionSchema = element(() => pciFunctionFields);

export interface PciFunction {
  readonly domain?: number | undefined;
  readonly bus?: number | undefined;
  readonly slot?: number | undefined;
  readonly function?: number | undefined;
}

/** `0000:06:12.1`: the name in sysfs and in QEMU's `host` property. */
export function pciName({ domain = 0, bus = 0, slot = 0, function: fn = 0 }: PciFunction): string {
  const digits = (value: number, count: number) => value.toString(16).padStart(count, '0');
  return `${digits(domain, 4)}:${digits(bus, 2)}:${digits(slot, 2)}.${fn}`;
}

/** Whether the host's function is PCI Express; one that is not there is taken for it, as libvirt does. */
export function isExpress(address: PciFunction, cx: Context): boolean {
  return cx.env.facts.pciDevices[pciName(address)]?.express ?? true;
}

/** What is not written is 0. */
export function completePci(address: PciFunction): Required<{ [K in keyof PciFunction]: number }> {
  const { domain = 0, bus = 0, slot = 0, function: fn = 0 } = address;
  return { domain, bus, slot, function: fn };
}
