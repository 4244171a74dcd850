import { plainOption } from '../../../../plan/index.ts';
import { type Emission, type EmitContext, emits } from '../../../context.ts';
import { machineInfo } from '../../../shared/machine-type.ts';
import { hugepages, mountOf } from '../../../shared/memory-backend.ts';
import { hugepageDirectory, pagesFor } from '../../../shared/memory-paths.ts';
import { ramKiB } from '../../memory/amounts.ts';
import { usesHmat } from './hmat.ts';

/**
 * Whether the cells are given as `mem=`: machine types up to 5.0 must have it so wherever nothing asks for a backend of
 * a cell's own, because the backend's name is part of what migrates.
 */
export function usesPlainNuma(cx: EmitContext): boolean {
  const { domain } = cx;
  const cells = domain.cpu.numa?.cell ?? [];
  if (cells.length === 0 || machineInfo(domain, cx)?.numaMemSupported !== true) return false;
  const { memoryBacking, numatune } = domain;
  const { source, access, hugepages } = memoryBacking ?? {};
  const asksForBackends =
    source?.type === 'file' ||
    source?.type === 'memfd' ||
    access?.mode !== undefined ||
    cells.some((cell) => cell.memAccess !== undefined) ||
    (numatune?.memnode ?? []).length > 0 ||
    (hugepages?.page ?? []).some((p) => p.nodeset !== undefined && p.sizeKiB !== cx.env.facts.pageSizeKiB);
  return !asksForBackends && !usesHmat(domain.cpu);
}

/** What is behind the RAM of cells without backends. */
export function plainBacking(cx: EmitContext): Emission {
  const { memoryBacking } = cx.domain;
  const pages = pagesFor(undefined, undefined, cx);
  const directory = pages && hugepageDirectory(pages, cx);
  const prealloc = pages !== undefined || memoryBacking?.allocation?.mode === 'immediate';
  return {
    ...emits(
      prealloc ? plainOption('-mem-prealloc') : undefined,
      directory === undefined ? undefined : plainOption('-mem-path', directory.path),
    ),
    host:
      pages === undefined || directory === undefined
        ? []
        : [hugepages('ram', ramKiB(cx.domain, cx.env), pages.sizeKiB, cx), ...mountOf(pages), directory],
  };
}
