import type { HugepageNeed } from '../../plan/index.ts';
import type { HostSystem } from '../system.ts';

/** The kernel's pools of hugepages (kernel: admin-guide/mm/hugetlbpage). Numbers are pages. */

/** Pages of which there are too few. */
export interface Shortage {
  readonly pageKiB: number;
  /** The pieces of memory that need them together. */
  readonly memory: readonly string[];
  readonly wanted: number;
  readonly free: number;
  /** Host nodes that they must come from; absent: any. */
  readonly nodes?: readonly number[];
  /** `nr_hugepages` of each pool that they can come from. */
  readonly files: readonly string[];
}

/**
 * What is missing on the nodes that memory is bound to, then what is missing on the host as a whole.
 * @param promised pages that other machines will take and have not taken yet
 */
export function shortages(
  needs: readonly HugepageNeed[],
  promised: readonly HugepageNeed[],
  host: HostSystem,
): readonly Shortage[] {
  return [...onNodes(needs, promised, host), ...onHost(needs, promised, host)];
}

/** What has to be added so that nothing is missing: pages that a node gets are not missing on the host any more. */
export function additions(
  needs: readonly HugepageNeed[],
  promised: readonly HugepageNeed[],
  host: HostSystem,
): readonly Shortage[] {
  const bound = onNodes(needs, promised, host);
  const unbound = onHost(needs, promised, host).map((shortage) => {
    const here = bound.filter(({ pageKiB }) => pageKiB === shortage.pageKiB);
    return { ...shortage, free: shortage.free + sum(here.map(missing)) };
  });
  return [...bound, ...unbound].filter((shortage) => missing(shortage) > 0);
}

export function missing({ wanted, free }: Shortage): number {
  return wanted - free;
}

/** For each set of nodes: what all memory together needs that must come from it or from a part of it. */
function onNodes(
  needs: readonly HugepageNeed[],
  promised: readonly HugepageNeed[],
  host: HostSystem,
): readonly Shortage[] {
  const sets = new Map(
    needs.flatMap(({ pageKiB, nodes }) =>
      nodes === undefined ? [] : [[`${pageKiB} ${nodes.join(',')}`, { pageKiB, nodes }] as const],
    ),
  );
  return [...sets.values()].flatMap(({ pageKiB, nodes }) => {
    const isInside = (need: HugepageNeed) =>
      need.pageKiB === pageKiB &&
      need.nodes !== undefined &&
      need.nodes.every((node) => nodes.includes(node));
    const pools = nodes.map((node) => nodePool(node, pageKiB));
    const inPools = sum(pools.map((pool) => count(pool, 'free_hugepages', host)));
    const free = inPools - pagesOf(promised.filter(isInside)) + surplus(hostPool(pageKiB), host);
    return shortage(needs.filter(isInside), { pageKiB, free, nodes, pools });
  });
}

/** For everything of one page size: free, not promised to others, and allowed as surplus. */
function onHost(
  needs: readonly HugepageNeed[],
  promised: readonly HugepageNeed[],
  host: HostSystem,
): readonly Shortage[] {
  return [...new Set(needs.map((need) => need.pageKiB))].flatMap((pageKiB) => {
    const ofSize = (need: HugepageNeed) => need.pageKiB === pageKiB;
    const pool = hostPool(pageKiB);
    // What machines have mapped and not touched yet is reserved by the kernel already.
    const taken = Math.max(count(pool, 'resv_hugepages', host), pagesOf(promised.filter(ofSize)));
    const free = count(pool, 'free_hugepages', host) - taken + surplus(pool, host);
    return shortage(needs.filter(ofSize), { pageKiB, free, pools: [pool] });
  });
}

function shortage(
  needs: readonly HugepageNeed[],
  {
    pools,
    free,
    ...rest
  }: Pick<Shortage, 'pageKiB' | 'free' | 'nodes'> & { readonly pools: readonly string[] },
): readonly Shortage[] {
  const found = {
    ...rest,
    memory: needs.map(({ memory }) => memory),
    wanted: pagesOf(needs),
    free: Math.max(free, 0),
    files: pools.map((pool) => `${pool}/nr_hugepages`),
  };
  return missing(found) > 0 ? [found] : [];
}

/** How many pages the kernel may make beyond the pool as they are needed. */
function surplus(pool: string, host: HostSystem): number {
  return Math.max(count(pool, 'nr_overcommit_hugepages', host) - count(pool, 'surplus_hugepages', host), 0);
}

function hostPool(pageKiB: number): string {
  return `/sys/kernel/mm/hugepages/hugepages-${pageKiB}kB`;
}

function nodePool(node: number, pageKiB: number): string {
  return `/sys/devices/system/node/node${node}/hugepages/hugepages-${pageKiB}kB`;
}

function count(pool: string, file: string, host: HostSystem): number {
  return Number(host.readText(`${pool}/${file}`) ?? 0);
}

function pagesOf(needs: readonly HugepageNeed[]): number {
  return sum(needs.map(({ pages }) => pages));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
