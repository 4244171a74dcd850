import { whereIs } from '../../../../xml/index.ts';
import type { Context } from '../../../context.ts';
import { controllerErrors } from '../../../devices/controller/errors.ts';
import { isOf } from '../../../devices/controller/model.ts';
import type { ParsedDomain } from '../../../domain.ts';
import type { PciFamily } from './chipset.ts';
import { MOST_BUSES } from './grow.ts';

/** Whether the PCI controllers make a tree at all: one root, which is the machine's, and each index once. */
export function checkControllers(domain: ParsedDomain, family: PciFamily, cx: Context): boolean {
  const root = family === 'q35' ? 'pcie-root' : 'pci-root';
  const before = cx.report.diagnostics.length;
  const seen = new Set<number>();
  for (const controller of domain.devices.controller.filter(isOf('pci'))) {
    const { index, model } = controller;
    const where = whereIs(controller, '@model');
    if (seen.has(index))
      cx.report.add(
        controllerErrors['duplicate-index'],
        { type: 'pci', index },
        whereIs(controller, '@index'),
      );
    else if (index >= MOST_BUSES)
      cx.report.add(controllerErrors['index-too-large'], { index }, whereIs(controller, '@index'));
    else if (model === undefined) cx.report.add(controllerErrors['missing-pci-model'], { index }, where);
    else if (index === 0 && model !== root)
      cx.report.add(controllerErrors['wrong-root'], { model, wanted: root }, where);
    else if (index > 0 && (model === 'pci-root' || model === 'pcie-root'))
      cx.report.add(controllerErrors['root-not-first'], { model, index }, whereIs(controller, '@index'));
    seen.add(index);
  }
  return cx.report.diagnostics.length === before;
}
