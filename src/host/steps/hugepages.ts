import { diagnose, QdomError } from '../../errors/index.ts';
import type { HugepageNeed, HugepagesRequirement } from '../../plan/index.ts';
import { addPages, inWords } from '../hugepages/allocate.ts';
import { memoryErrors } from '../hugepages/errors.ts';
import { type PoolsOfMachine, removeFromPools } from '../hugepages/ledger.ts';
import { additions, missing, type Shortage, shortages } from '../hugepages/pools.ts';
import { HUGEPAGES, promisedPages } from '../hugepages/promised.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep } from './step.ts';

export interface HugepagesRecord {
  /** What is missing and made. */
  readonly wanted: readonly Shortage[];
  /** The page sizes of that. */
  readonly pools: readonly PoolsOfMachine[];
  readonly [key: string]: unknown;
}

/**
 * Hugepages are looked for, and made only where that is asked for: how many there are is the administrator's decision.
 * QEMU takes them at its start and gives them back with its end.
 */
export const hugepagesStep: HostStep<HugepagesRequirement, HugepagesRecord> = {
  type: 'hugepages',

  describe: ({ needs, allocate }) => ({
    act: `take ${needs.map(needInWords).join(', ')}${allocate ? ', those that are missing made before' : ''}`,
    undo: `they are free again with the end of QEMU${allocate ? '; as many as were made are taken out of the pool' : ''}`,
  }),

  owns: ({ needs }) => [{ resource: HUGEPAGES, isShared: true, note: needs }],

  async check({ needs, allocate }, host, _all, owners) {
    const found = shortages(needs, promisedPages(host, owners), host);
    const problems = allocate ? found.filter((shortage) => hasNoPool(shortage, host)) : found;
    if (problems.length > 0) throw new QdomError(problems.map((shortage) => tooFew(shortage, host)));
  },

  async intend({ needs, allocate }, host, _made, owners) {
    const wanted = allocate ? additions(needs, promisedPages(host, owners), host) : [];
    const { machine, directory } = owners;
    const sizes = [...new Set(wanted.map((shortage) => shortage.pageKiB))];
    return { wanted, pools: sizes.map((pageKiB) => ({ pageKiB, machine, directory })) };
  },

  async apply({ needs }, intent, host, _made, owners) {
    await addPages(intent.wanted, intent.pools, host);
    // Others may have been promised pages since the check.
    const problems = shortages(needs, promisedPages(host, owners), host);
    if (problems.length > 0) throw new QdomError(problems.map((shortage) => tooFew(shortage, host)));
    return intent;
  },

  async undo({ pools }, host) {
    for (const one of pools) await removeFromPools(one, host);
  },
};

function needInWords({ memory, pages, pageKiB, nodes }: HugepageNeed): string {
  const where = nodes === undefined ? '' : ` ${inWords(nodes)}`;
  return `${pages} pages of ${pageKiB} KiB${where} for '${memory}'`;
}

function hasNoPool({ files }: Shortage, host: HostSystem): boolean {
  return files.some((file) => host.status(file) === undefined);
}

function tooFew(shortage: Shortage, host: HostSystem) {
  const { memory, pageKiB, wanted, free, nodes, files } = shortage;
  const file = files[0] ?? '';
  return diagnose(memoryErrors['hugepages-missing'], {
    ...{ memory: memory.join("', '"), pageKiB, wanted, free, file },
    where: inWords(nodes),
    missing: missing(shortage),
    total: Number(host.readText(file) ?? 0) + missing(shortage),
  });
}
