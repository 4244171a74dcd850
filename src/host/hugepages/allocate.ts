import { fail } from '../../errors/index.ts';
import type { HostSystem } from '../system.ts';
import { memoryErrors } from './errors.ts';
import { addToPool, type PoolsOfMachine } from './ledger.ts';
import { missing, type Shortage } from './pools.ts';

/**
 * Adds the pages that are missing, those of a set of nodes to the first that has memory for them.
 * @throws QdomError `host/hugepages-not-allocated` if the kernel has no memory for all of them.
 */
export async function addPages(
  wanted: readonly Shortage[],
  pools: readonly PoolsOfMachine[],
  host: HostSystem,
): Promise<void> {
  for (const shortage of wanted) {
    let rest = missing(shortage);
    const ofSize = pools.find(({ pageKiB }) => pageKiB === shortage.pageKiB);
    for (const file of shortage.files)
      if (rest > 0 && ofSize !== undefined) rest -= await addToPool(ofSize, file, rest, host);
    if (rest > 0) throw notAllocated(shortage, rest);
  }
}

function notAllocated(shortage: Shortage, rest: number) {
  const { pageKiB, memory, nodes, files } = shortage;
  return fail(memoryErrors['hugepages-not-allocated'], {
    memory: memory.join("', '"),
    pageKiB,
    asked: missing(shortage),
    missing: rest,
    where: inWords(nodes),
    file: files[0] ?? '',
  });
}

/** `on nodes 0,1`; of no nodes in particular, `on this host`. */
export function inWords(nodes: readonly number[] | undefined): string {
  if (nodes === undefined) return 'on this host';
  return `on node${nodes.length > 1 ? 's' : ''} ${nodes.join(',')}`;
}
