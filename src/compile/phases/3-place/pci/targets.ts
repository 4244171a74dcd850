import { whereIs } from '../../../../xml/index.ts';
import type { Context } from '../../../context.ts';
import type { ControllerOf } from '../../../devices/controller/model.ts';
import type { ParsedDomain } from '../../../domain.ts';
import { placeErrors } from '../errors.ts';

type PciController = ControllerOf<'pci'>;
type Target = NonNullable<PciController['target']>;

const NOWHERE: { readonly slot?: number; readonly function?: number } = {};

/** The highest bus number that firmware can give. */
const LAST_BUS_NUMBER = 255;

/**
 * What the guest sees of bridges and ports, and what is thus kept: the chassis is the index, the port number is the
 * address on the bus, and expander buses count down in twos from the last bus number (format: "Controllers").
 */
export function withTargets(domain: ParsedDomain, cx: Context): ParsedDomain {
  const all = domain.devices.controller;
  const busNumbers = new ExpanderBusNumbers(all);
  const controller = all.map((c) => {
    if (c.type !== 'pci') return c;
    const pci = c as PciController;
    checkBus(pci, cx);
    const chosen = chooseTarget(pci, busNumbers);
    if (chosen?.busNr !== undefined && chosen.busNr < 1)
      cx.report.add(placeErrors['no-bus-number'], { index: pci.index }, whereIs(pci));
    return chosen === undefined ? c : { ...c, target: { ...chosen, ...c.target } };
  });
  return { ...domain, devices: { ...domain.devices, controller } };
}

class ExpanderBusNumbers {
  #lowest: number;

  constructor(controllers: ParsedDomain['devices']['controller']) {
    const written = controllers.flatMap((c) => (c.type === 'pci' ? (c.target?.busNr ?? []) : []));
    this.#lowest = Math.min(LAST_BUS_NUMBER + 1, ...written);
  }

  next(): number {
    this.#lowest -= 2;
    return this.#lowest;
  }
}

function chooseTarget(controller: PciController, busNumbers: ExpanderBusNumbers): Target | undefined {
  const { model, index, address, target } = controller;
  const { slot = 0, function: fn = 0 } = address?.type === 'pci' ? address : NOWHERE;
  switch (model) {
    case 'pci-bridge':
      return { chassisNr: index };
    case 'pcie-root-port':
      return { chassis: index, port: slot * 8 + fn };
    case 'pcie-switch-downstream-port':
      return { chassis: index, port: slot };
    case 'pci-expander-bus':
    case 'pcie-expander-bus':
      return target?.busNr === undefined ? { busNr: busNumbers.next() } : undefined;
    default:
      return undefined;
  }
}

/** A bus is made after the bus that it is on: QEMU must know the one when it reads the other. */
function checkBus(controller: PciController, cx: Context): void {
  const { index, model, address } = controller;
  if (model === 'pci-root' || model === 'pcie-root' || cx.report.hasErrors) return;
  if (address?.type !== 'pci' || (address.bus ?? 0) < index) return;
  cx.report.add(
    placeErrors['bus-behind-itself'],
    { index, bus: address.bus ?? 0 },
    whereIs(controller, '@index'),
  );
}
