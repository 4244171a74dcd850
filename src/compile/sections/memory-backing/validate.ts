import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { firstCommon } from '../../shared/number-set.ts';
import { memoryBackingErrors } from './errors.ts';
import type { MemoryBacking } from './index.ts';

export function validateMemoryBacking(value: MemoryBacking, cx: ValidateContext): void {
  const { hugepages } = value;
  if (hugepages === undefined) return;
  if (value.source?.type === 'anonymous')
    cx.report.add(memoryBackingErrors['hugepages-and-anonymous'], undefined, whereIs(value.source));
  if (value.allocation?.mode === 'ondemand')
    cx.report.add(memoryBackingErrors['hugepages-on-demand'], undefined, whereIs(value.allocation));
  checkPages(hugepages.page, cx);
}

type Pages = NonNullable<MemoryBacking['hugepages']>['page'];

function checkPages(pages: Pages, cx: ValidateContext): void {
  const cells = Math.max((cx.domain.cpu.numa?.cell ?? []).length, 1);
  pages.forEach((page, index) => {
    const missing = page.nodeset?.find((node) => node >= cells);
    if (missing !== undefined)
      cx.report.add(memoryBackingErrors['missing-node'], { node: missing }, whereIs(page, '@nodeset'));
    for (const before of pages.slice(0, index)) {
      const sizes = { first: before.sizeKiB, second: page.sizeKiB };
      if (page.nodeset === undefined && before.nodeset === undefined)
        cx.report.add(memoryBackingErrors['two-default-sizes'], sizes, whereIs(page));
      else if (firstCommon(page.nodeset ?? [], before.nodeset ?? []) !== undefined)
        cx.report.add(memoryBackingErrors['overlapping-nodesets'], sizes, whereIs(page, '@nodeset'));
    }
  });
}
