import { dirname } from 'node:path';
import type { HugepageMount } from '../../plan/index.ts';
import { parseMounts } from '../mounts.ts';

interface Sources {
  /** The text of /proc/mounts. */
  readonly mounts: string;
  /** The text of /proc/meminfo. */
  readonly meminfo: string;
  /** The names in /sys/kernel/mm/hugepages. */
  readonly pools: readonly string[];
  /** Where a hugetlbfs is mounted for machines if there is none. */
  readonly made?: string;
}

/**
 * The hugepages of every size that this host has, and where (kernel: admin-guide/mm/hugetlbpage). What is mounted below
 * `made` is there for as long as a machine needs it.
 */
export function findHugepages({ mounts, meminfo, pools, made }: Sources): HugepageMount[] {
  const defaultKiB = Number(/Hugepagesize:\s*(\d+) kB/.exec(meminfo)?.[1] ?? 2048);
  const of = (sizeKiB: number, mount: string) => ({
    sizeKiB,
    mount,
    ...(sizeKiB === defaultKiB && { default: true }),
  });
  // Without a pagesize option a mount has the default size.
  const found = parseMounts(mounts)
    .filter(({ type }) => type === 'hugetlbfs')
    .map(({ path, options }) => of(pageSizeOption(options) ?? defaultKiB, path))
    .filter(({ mount }) => dirname(mount) !== made);
  if (made === undefined) return found;
  const missing = pools
    .flatMap((name) => /^hugepages-(\d+)kB$/.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((sizeKiB) => !found.some((mount) => mount.sizeKiB === sizeKiB))
    .sort((a, b) => a - b)
    .map((sizeKiB) => ({ ...of(sizeKiB, `${made}/${sizeKiB}kB`), isMade: true as const }));
  return [...found, ...missing];
}

function pageSizeOption(options: readonly string[]): number | undefined {
  const [, count, unit] = /(?:^|,)pagesize=(\d+)([KMG])/.exec(options.join(',')) ?? [];
  if (count === undefined) return undefined;
  return Number(count) * { K: 1, M: 1024, G: 1024 * 1024 }[unit as 'K' | 'M' | 'G'];
}
