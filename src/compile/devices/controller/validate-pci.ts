import { hasType } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import type { Placed } from '../../shared/device-base.ts';
import { isQ35 } from '../../shared/machine.ts';
import { controllerErrors } from './errors.ts';
import type { ControllerOf, PciModel } from './model.ts';
import { PCI_MODEL_NAMES } from './resolve.ts';

type Pci = Placed<ControllerOf<'pci'>>;
type Target = NonNullable<Pci['target']>;
type OptionName = Exclude<keyof Target, symbol>;

/** What `<target>` can say of each model (format: "Controllers"). */
const TARGET_OPTIONS: Readonly<Record<PciModel, readonly OptionName[]>> = {
  'pci-root': ['hotplug'],
  'pcie-root': [],
  'pci-bridge': ['chassisNr', 'memReserve'],
  'dmi-to-pci-bridge': [],
  'pcie-to-pci-bridge': ['memReserve'],
  'pcie-root-port': ['chassis', 'port', 'hotplug', 'memReserve'],
  'pcie-switch-upstream-port': [],
  'pcie-switch-downstream-port': ['chassis', 'port', 'hotplug'],
  'pci-expander-bus': ['busNr', 'node'],
  'pcie-expander-bus': ['busNr', 'node'],
};

/** The rules of one PCI controller; where it may sit is a matter of `phases/3-place/pci`. */
export function validatePci(controller: Pci, cx: ValidateContext): void {
  const { model, modelName, target, address } = controller;
  const { report, env } = cx;
  if (model === undefined) return;
  const names = model === 'pcie-root-port' ? ['pcie-root-port', 'ioh3420'] : [PCI_MODEL_NAMES[model]];
  if (modelName !== undefined && !names.includes(modelName))
    report.add(
      controllerErrors['wrong-model-name'],
      { model, name: modelName },
      whereIs(controller, 'model'),
    );
  else if (modelName !== undefined && !hasType(env.caps, modelName))
    report.add(controllerErrors['model-unavailable'], { type: 'pci', model: modelName }, whereIs(controller));
  const isRoot = model === 'pci-root' || model === 'pcie-root';
  if (isRoot && address !== undefined)
    report.add(controllerErrors['root-address'], { model }, whereIs(controller, 'address'));
  if (target !== undefined) validateTarget(target, model, cx);
  validateExpander(controller, cx);
}

function validateTarget(target: Target, model: PciModel, { report }: ValidateContext): void {
  const known = TARGET_OPTIONS[model];
  for (const option of Object.keys(target) as OptionName[])
    if (target[option] !== undefined && !known.includes(option))
      report.add(controllerErrors['target-option'], { option, model }, whereIs(target, `@${option}`));
}

function validateExpander({ index, model, target, ...rest }: Pci, cx: ValidateContext): void {
  if (model !== 'pci-expander-bus' && model !== 'pcie-expander-bus') return;
  const node = target?.node;
  const cells = cx.domain.cpu?.numa?.cell.length ?? 0;
  if (node !== undefined && node >= cells)
    cx.report.add(
      controllerErrors['no-such-node'],
      { model, index, node, cells },
      whereIs(target ?? rest, 'node'),
    );
  if ((model === 'pcie-expander-bus') !== isQ35(cx.domain))
    cx.report.add(controllerErrors['unsupported-model'], { type: 'pci', model }, whereIs(rest));
}
