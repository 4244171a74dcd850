import type { Context, ValidateContext } from '../../context.ts';
import { DEVICE_KINDS, type Domain, deviceModule, SECTION_ENTRIES } from '../../domain.ts';
import { uniqueAliases } from './aliases.ts';
import { validateDeviceInfo } from './device-info.ts';
import { validateDisks } from './disks.ts';
import { refuseDuplicateHostdevs } from './hostdevs.ts';
import { validateManyVcpus } from './many-vcpus.ts';
import { memoryAddresses, memorySizes, memorySlots } from './memory.ts';

/** A rule that names two kinds of element; it reports and changes nothing. */
type CrossRule = (cx: ValidateContext) => void;

const CROSS_RULES: readonly CrossRule[] = [
  validateManyVcpus,
  memorySizes,
  memorySlots,
  memoryAddresses,
  validateDisks,
  refuseDuplicateHostdevs,
  validateDeviceInfo,
  uniqueAliases,
];

/** Runs every rule of every section and device, then the rules between them. */
export function validate(domain: Domain, cx: Context): void {
  const context: ValidateContext = { ...cx, domain };
  for (const [name, section] of SECTION_ENTRIES) section.validate?.(domain[name], context);
  for (const kind of DEVICE_KINDS) {
    const module = deviceModule(kind);
    for (const device of domain.devices[kind]) module.validate?.(device, context);
  }
  for (const rule of CROSS_RULES) rule(context);
}
