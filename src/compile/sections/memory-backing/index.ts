import { type Sourced, whereIs, xmlErrors } from '../../../xml/index.ts';
import {
  attribute,
  bigInteger,
  child,
  children,
  type ElementSchema,
  element,
  flag,
  integer,
  oneOf,
  type Read,
  required,
} from '../../../xml/schema/index.ts';
import type { ResolveContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import { type NumberSet, numberSet } from '../../shared/number-set.ts';
import { MOST_KIB, toKiB, unit } from '../../shared/size.ts';
import { memoryBackingErrors } from './errors.ts';
import { validateMemoryBacking } from './validate.ts';

/** Format: "Memory Backing". */

const writtenPage = element(() => ({
  size: required(attribute(bigInteger())),
  unit: attribute(unit),
  nodeset: attribute(numberSet),
}));

/** Pages of one size, for the guest’s NUMA cells that are named or for all the others. Exported for the declarations that the build makes. */
export interface Page extends Sourced {
  readonly sizeKiB: number;
  readonly nodeset?: NumberSet | undefined;
}

const pageSchema: ElementSchema<Page> = {
  read: (xml, reader) => {
    const before = reader.errorCount;
    const { size, unit: unitName, ...rest } = writtenPage.read(xml, reader);
    const sizeKiB = reader.errorCount > before ? 0 : toKiB(size, unitName);
    if (sizeKiB === undefined)
      reader.report(
        xmlErrors['invalid-value'],
        { value: `${size}`, subject: "attribute 'size' of <page>", expected: `at most ${MOST_KIB} KiB` },
        xml.where('size'),
      );
    return { ...rest, sizeKiB: sizeKiB ?? 0 };
  },
  write: ({ sizeKiB, ...rest }, name) =>
    writtenPage.write({ ...rest, size: BigInt(sizeKiB), unit: 'KiB' }, name),
  shapes: writtenPage.shapes,
};

const memoryBackingSchema = element(() => ({
  hugepages: child(
    element(() => ({ page: children(pageSchema) })),
    { keepEmpty: true },
  ),
  nosharepages: flag(),
  locked: flag(),
  source: child(element(() => ({ type: attribute(oneOf('file', 'anonymous', 'memfd')) }))),
  access: child(element(() => ({ mode: attribute(oneOf('shared', 'private')) }))),
  allocation: child(
    element(() => ({
      mode: attribute(oneOf('immediate', 'ondemand')),
      threads: attribute(integer({ samples: [4] })),
    })),
  ),
  discard: flag(),
}));

export type MemoryBacking = Read<typeof memoryBackingSchema>;

export const memoryBacking: SectionModule<MemoryBacking | undefined> = {
  field: child(memoryBackingSchema),
  resolve: resolveMemoryBacking,
  validate: (value, cx) => {
    if (value !== undefined) validateMemoryBacking(value, cx);
  },
};

/** A guest without NUMA cells is all node 0, so that `nodeset='0'` says nothing there. */
function resolveMemoryBacking(
  value: MemoryBacking | undefined,
  cx: ResolveContext,
): MemoryBacking | undefined {
  if (value === undefined) return undefined;
  const { hugepages, allocation, ...rest } = value;
  const hasCells = (cx.domain.cpu?.numa?.cell ?? []).length > 0;
  const pages = hugepages?.page.map((page) => {
    const { nodeset, ...plain } = page;
    if (page.sizeKiB === 0)
      cx.report.add(memoryBackingErrors['zero-page-size'], undefined, whereIs(page, '@size'));
    return !hasCells && nodeset?.every((node) => node === 0) ? plain : page;
  });
  const { threads, ...mode } = allocation ?? {};
  return {
    ...rest,
    ...(hugepages && { hugepages: { ...hugepages, page: pages ?? [] } }),
    ...(allocation && { allocation: { ...mode, ...(threads !== undefined && threads > 0 && { threads }) } }),
  };
}
