import { SOURCE, type Sourced, whereIs } from '../../../xml/index.ts';
import {
  attribute,
  child,
  children,
  element,
  integer,
  oneOf,
  type Read,
  required,
} from '../../../xml/schema/index.ts';
import type { ResolveContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import { type NumberSet, numberSet } from '../../shared/number-set.ts';
import { numatuneErrors } from './errors.ts';
import { validateNumatune } from './validate.ts';

/** Format: "NUMA Node Tuning". */

const mode = oneOf('strict', 'preferred', 'interleave', 'restrictive');

const memorySchema = element(() => ({
  mode: attribute(mode),
  nodeset: attribute(numberSet),
  placement: attribute(oneOf('static', 'auto')),
}));

const memnodeSchema = element(() => ({
  cellid: required(attribute(integer())),
  mode: attribute(mode),
  nodeset: required(attribute(numberSet)),
}));

const numatuneSchema = element(() => ({
  memory: child(memorySchema),
  memnode: children(memnodeSchema),
}));

export type NumaMode = 'strict' | 'preferred' | 'interleave' | 'restrictive';
export type NumatuneXml = Read<typeof numatuneSchema>;

/** From which host nodes the guest's memory comes; placement is written only where it is automatic. */
export interface Numatune extends NumatuneXml {
  readonly memory?: Sourced & {
    readonly mode: NumaMode;
    readonly nodeset?: NumberSet;
    readonly placement?: 'auto';
  };
}

export const numatune: SectionModule<NumatuneXml | undefined, Numatune | undefined> = {
  field: child(numatuneSchema),
  resolve: resolveNumatune,
  validate: (value, cx) => {
    if (value !== undefined) validateNumatune(value, cx);
  },
};

/** vCPUs that are placed automatically take the memory with them unless it is bound by itself. */
function resolveNumatune(value: NumatuneXml | undefined, cx: ResolveContext): Numatune | undefined {
  const isAuto = cx.domain.vcpu?.placement === 'auto';
  if (value === undefined && !isAuto) return undefined;
  const { memory: written, memnode = [], ...rest } = value ?? {};
  const memory = resolveMemory(written, isAuto, cx);
  return {
    ...rest,
    memnode: memnode
      .map((node) => ({ ...node, mode: node.mode ?? 'strict' }) as const)
      .sort((a, b) => a.cellid - b.cellid),
    ...(memory && { memory }),
  };
}

function resolveMemory(
  written: NumatuneXml['memory'],
  isAuto: boolean,
  cx: ResolveContext,
): Numatune['memory'] {
  if (written === undefined) return isAuto ? { mode: 'strict', placement: 'auto' } : undefined;
  const { nodeset, placement, mode = 'strict', ...rest } = written;
  if (placement === 'auto' || (placement === undefined && nodeset === undefined && isAuto))
    return { ...rest, mode, placement: 'auto' };
  if (nodeset !== undefined) return { ...rest, mode, nodeset };
  const saysNothing = Object.keys(written[SOURCE]?.attributes ?? {}).length === 0;
  if (!saysNothing) cx.report.add(numatuneErrors['missing-nodeset'], { mode }, whereIs(written));
  return undefined;
}
