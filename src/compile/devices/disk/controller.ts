import type { Domain } from '../../domain.ts';
import { findController } from '../../shared/controllers.ts';
import { isQ35 } from '../../shared/machine.ts';

/** Adapters of the parallel bus, where a target has no units: an address's unit is the target. */
const PARALLEL: ReadonlySet<string | undefined> = new Set(['lsilogic', 'am53c974', 'dc390', 'ncr53c90']);

export function hasParallelBus(domain: Domain, index: number): boolean {
  return PARALLEL.has(findController(domain, 'scsi', index)?.model);
}

/** libvirt's aliases leave the target out only here. */
export function hasShortIds(domain: Domain, index: number): boolean {
  return findController(domain, 'scsi', index)?.model === 'lsilogic';
}

/** The chipset's own SATA controller: QEMU names its ports `ide.N`. */
export function isBuiltInSata(domain: Domain, index: number): boolean {
  return index === 0 && isQ35(domain);
}
