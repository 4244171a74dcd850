import type { HugepageNeed } from '../../plan/index.ts';
import { notesBefore, type Owners } from '../owners.ts';
import type { HostSystem } from '../system.ts';

/** What machines note the pages under that they need. */
export const HUGEPAGES = 'hugepages';

/**
 * The pages that other machines have been promised and not taken yet: their QEMU has not started, or has not touched all
 * of its memory. What no QEMU has mapped, the kernel's own counters do not know of.
 */
export function promisedPages(host: HostSystem, owners: Owners): readonly HugepageNeed[] {
  return notesBefore(host, owners, HUGEPAGES).flatMap(({ machine, note }) => {
    const taken = takenPages(host, owners.qemuOf?.(machine));
    return (note as readonly HugepageNeed[]).flatMap((need) => {
      const pages = need.pages - take(taken, need);
      return pages > 0 ? [{ ...need, pages }] : [];
    });
  });
}

interface Taken {
  readonly pageKiB: number;
  readonly node: number;
  pages: number;
}

/** Counts what is there for this need, once. */
function take(taken: readonly Taken[], { pageKiB, pages, nodes }: HugepageNeed): number {
  let found = 0;
  for (const here of taken) {
    if (here.pageKiB !== pageKiB || nodes?.includes(here.node) === false) continue;
    const part = Math.min(here.pages, pages - found);
    here.pages -= part;
    found += part;
  }
  return found;
}

/** The hugepages that a process has, by node and size (proc(5): numa_maps). */
function takenPages(host: HostSystem, pid: number | undefined): readonly Taken[] {
  if (pid === undefined) return [];
  return (host.readText(`/proc/${pid}/numa_maps`) ?? '')
    .split('\n')
    .filter((line) => / huge /.test(line))
    .flatMap((line) => {
      const pageKiB = Number(/kernelpagesize_kB=(\d+)/.exec(line)?.[1]);
      return [...line.matchAll(/ N(\d+)=(\d+)/g)].map(([, node, pages]) => ({
        pageKiB,
        node: Number(node),
        pages: Number(pages),
      }));
    });
}
