import { type DirectoryRequirement, type HugepageMount, TEMPORARY_FILES } from '../../plan/index.ts';
import { whereIs } from '../../xml/index.ts';
import type { EmitContext } from '../context.ts';
import { memoryBackingErrors } from '../sections/memory-backing/errors.ts';
import { programDirectory } from './file-owner.ts';
import type { SizeElement } from './size.ts';

/** Hugepages of one size, and where this host has them. */
export interface BackingPages {
  readonly sizeKiB: number;
  readonly mount: string;
  readonly isMade?: true;
}

/**
 * The pages behind a piece of memory: those that it asks for itself, else what `<hugepages>` says for its guest NUMA
 * cell, else what it says for all. Undefined for ordinary pages.
 * @param written the page size that a memory device asks for
 */
export function pagesFor(
  cell: number | undefined,
  written: SizeElement | undefined,
  cx: EmitContext,
): BackingPages | undefined {
  const { hugepages } = cx.domain.memoryBacking ?? {};
  if (written !== undefined) return pagesOfSize(written, cx);
  if (hugepages === undefined) return undefined;
  if (hugepages.page.length === 0) return defaultPages(cx);
  const page =
    hugepages.page.find((p) => p.nodeset?.includes(cell ?? 0)) ??
    hugepages.page.find((p) => p.nodeset === undefined);
  return page && pagesOfSize(page, cx);
}

/** What `<hugepages/>` without a size means here. */
function defaultPages(cx: EmitContext): BackingPages | undefined {
  const mounts = cx.env.facts.hugepages;
  const found = mounts.find((m) => m.default === true) ?? mounts[0];
  if (found === undefined)
    cx.report.add(
      memoryBackingErrors['no-default-hugepages'],
      undefined,
      whereIs(cx.domain.memoryBacking, 'hugepages'),
    );
  return found;
}

function pagesOfSize(page: SizeElement, cx: EmitContext): HugepageMount | undefined {
  const { sizeKiB } = page;
  if (sizeKiB === cx.env.facts.pageSizeKiB) return undefined;
  const found = cx.env.facts.hugepages.find((m) => m.sizeKiB === sizeKiB);
  if (found === undefined)
    cx.report.add(memoryBackingErrors['unavailable-page-size'], { sizeKiB }, whereIs(page));
  return found;
}

/** The machine's own directory in a hugetlbfs: QEMU makes its files there and removes their names at once. */
export function hugepageDirectory(pages: BackingPages, cx: EmitContext): MemoryDirectory {
  const within = `${pages.mount}/${cx.env.profile.kind === 'libvirt' ? 'libvirt/qemu' : 'qdom'}`;
  return { type: 'directory', path: `${within}/${machineDirectory(cx)}`, within, contents: 'removed' };
}

/** The machine's own directory for files of guest memory. */
export function ramDirectory({ env, domain }: EmitContext): MemoryDirectory {
  const { memoryBackingDir } = env.config;
  const within = programDirectory(memoryBackingDir, env.config) ?? memoryBackingDir;
  return {
    type: 'directory',
    path: `${memoryBackingDir}/${machineDirectory({ env, domain })}`,
    within,
    contents: 'removed',
    records: `${env.config.libDir}/${TEMPORARY_FILES}`,
  };
}

/** A directory in which QEMU makes files. */
export interface MemoryDirectory extends DirectoryRequirement {
  readonly within: string;
}

/**
 * libvirt's directory name of a domain is its id and the first 20 characters of its name. Without ids the whole name is
 * needed: two machines with one directory would have one memory.
 */
function machineDirectory({ env, domain }: Pick<EmitContext, 'env' | 'domain'>): string {
  return env.profile.kind === 'qdom' ? domain.name : `${env.config.domainId}-${domain.name.slice(0, 20)}`;
}
