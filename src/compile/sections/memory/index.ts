import { whereIs } from '../../../xml/index.ts';
import { attribute, child, integer, onOff, type Read } from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';
import { type SizeElement, sizeElement, sizeSchema } from '../../shared/size.ts';
import { cellsKiB, devicesKiB } from './amounts.ts';
import { memoryErrors } from './errors.ts';

/** Format: "Memory Allocation". */

const memorySchema = sizeElement({ dumpCore: attribute(onOff) });
const maxMemorySchema = sizeElement({ slots: attribute(integer()) });

export type Memory = Read<typeof memorySchema>;
export type MaxMemory = Read<typeof maxMemorySchema>;

/**
 * With memory devices, `<memory>` counts theirs too. Without `<memory>` the NUMA cells say how much there is, and for a
 * domain that is new they overrule it.
 */
export const memory: SectionModule<Memory | undefined, Memory> = {
  field: child(memorySchema),
  resolve: (value, cx) => {
    const ofCellsKiB = cellsKiB(cx.domain);
    const isWritten = value !== undefined && value.sizeKiB > 0;
    if (isWritten && (ofCellsKiB === 0 || cx.env.abiUpdate !== true)) return value;
    if (ofCellsKiB === 0)
      cx.report.add(memoryErrors['missing-size'], undefined, whereIs(cx.domain, 'memory'));
    return { ...value, sizeKiB: ofCellsKiB + devicesKiB(cx.domain) };
  },
};

export const maxMemory: SectionModule<MaxMemory | undefined> = {
  field: child(maxMemorySchema),
  resolve: (value, cx) => {
    if (value === undefined || value.sizeKiB > 0) return withoutNoSlots(value);
    const { slots = 0 } = value;
    if (slots > 0) cx.report.add(memoryErrors['slots-without-maximum'], { slots }, whereIs(value, '@slots'));
    return undefined;
  },
};

function withoutNoSlots(value: MaxMemory | undefined): MaxMemory | undefined {
  if (value?.slots !== 0) return value;
  const { slots, ...rest } = value;
  return rest;
}

/** What the balloon leaves the guest; all of it unless less is written. */
export const currentMemory: SectionModule<SizeElement | undefined, SizeElement> = {
  field: child(sizeSchema),
  resolve: (value, cx) => {
    const mostKiB = cx.domain.memory?.sizeKiB ?? 0;
    return value === undefined || value.sizeKiB === 0 || value.sizeKiB > mostKiB
      ? { ...value, sizeKiB: mostKiB }
      : value;
  },
};
