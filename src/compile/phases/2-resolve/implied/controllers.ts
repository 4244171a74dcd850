import type { ControllerXml } from '../../../devices/controller/schema.ts';
import type { ParsedDomain } from '../../../domain.ts';
import { insertController, numberControllers } from '../../../shared/controller-list.ts';
import { familyOf, type MachineFamily } from '../../../shared/machine.ts';
import type { Implication } from '../implied.ts';

/** Written controllers in their order. */
export const orderControllers: Implication = ({ devices: { controller } }) => {
  let ordered: readonly ControllerXml[] = [];
  for (const each of controller) ordered = insertController(ordered, each);
  return { controller: ordered };
};

/** An index for each controller that has none. */
export const numberAllControllers: Implication = ({ devices: { controller } }) => ({
  controller: numberControllers(controller),
});

/** Controllers that each machine of a family has. */
const DEFAULTS: Readonly<Record<MachineFamily, readonly ControllerXml[]>> = {
  i440fx: [
    { type: 'usb', index: 0 },
    { type: 'pci', index: 0, model: 'pci-root' },
  ],
  q35: [
    { type: 'usb', index: 0, model: 'qemu-xhci' },
    { type: 'sata', index: 0 },
    { type: 'pci', index: 0, model: 'pcie-root' },
  ],
  isapc: [],
  microvm: [],
  other: [],
};

/** The USB controller, the root of PCI, and the SATA controller of the q35 chipset. */
export const defaultControllers: Implication = (domain) => {
  let controller: readonly ControllerXml[] = domain.devices.controller;
  for (const wanted of DEFAULTS[familyOf(domain)])
    if (!isThere(controller, wanted)) controller = insertController(controller, wanted);
  return { controller };
};

function isThere(controllers: ParsedDomain['devices']['controller'], wanted: ControllerXml): boolean {
  return controllers.some(({ type, index }) => type === wanted.type && index === wanted.index);
}
