import { dirname, join } from 'node:path';
import { makeDirectories, missingDirectories, unlessCode } from '../directories.ts';
import { withFileLock } from '../lock.ts';
import type { HostSystem } from '../system.ts';
import { halfOf } from '../written-file.ts';

/**
 * Who has added how many pages of one size to which pool. Adding and removing are relative, others change the pools too,
 * and either may be cut off at any moment: what is about to be done is noted before it is.
 */
interface Ledger {
  /** By machine and by the pool's `nr_hugepages`. */
  readonly added: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly pending?: {
    readonly machine: string;
    readonly file: string;
    readonly from: number;
    readonly to: number;
  };
}

/** The pools of one page size as one machine changes them. */
export interface PoolsOfMachine {
  readonly pageKiB: number;
  readonly machine: string;
  /** The directory that the ledgers are in. */
  readonly directory: string;
}

/**
 * Adds pages to the pool of this `nr_hugepages`.
 * @returns how many the kernel had memory for.
 * @throws QdomError `host/locked`.
 */
export function addToPool(
  pools: PoolsOfMachine,
  file: string,
  pages: number,
  host: HostSystem,
): Promise<number> {
  return locked(pools, host, () => {
    const ledger = settled(pools, host);
    const before = addedBy(pools, ledger)[file] ?? 0;
    return (addedBy(pools, change(pools, file, pages, ledger, host))[file] ?? 0) - before;
  });
}

/**
 * Takes out all that the machine has added. What somebody uses stays for as long as that lasts: the kernel counts it as
 * surplus. @throws QdomError `host/locked`.
 */
export async function removeFromPools(pools: PoolsOfMachine, host: HostSystem): Promise<void> {
  const file = ledgerFile(pools);
  if (host.status(file) === undefined && host.status(halfOf(file)) === undefined) return;
  await locked(pools, host, () => {
    unlessCode('ENOENT', () => host.removeFile(halfOf(file)));
    const ledger = settled(pools, host);
    Object.entries(addedBy(pools, ledger)).reduce(
      (now, [pool, pages]) => change(pools, pool, -pages, now, host),
      ledger,
    );
  });
}

function addedBy({ machine }: PoolsOfMachine, { added }: Ledger): Readonly<Record<string, number>> {
  return added[machine] ?? {};
}

function change(pools: PoolsOfMachine, file: string, by: number, ledger: Ledger, host: HostSystem): Ledger {
  const from = pagesIn(file, host);
  const pending = { machine: pools.machine, file, from, to: Math.max(from + by, 0) };
  write(pools, { ...ledger, pending }, host);
  host.overwrite(file, String(pending.to));
  return settled(pools, host);
}

/** The ledger after what was pending: the pool itself says how much of that was done. */
function settled(pools: PoolsOfMachine, host: HostSystem): Ledger {
  const { added, pending } = read(pools, host);
  if (pending === undefined) return { added };
  const { machine, file, from, to } = pending;
  const { [machine]: own = {}, ...others } = added;
  const { [file]: before = 0, ...ownElsewhere } = own;
  const by = pagesIn(file, host) - from;
  // Nothing of it was done if the number is the same; a removal is done whole, the pages in use are surplus from then on.
  const after = to > from ? before + clamp(by, 0, to - from) : by === 0 ? before : 0;
  const ofMachine = after > 0 ? { ...ownElsewhere, [file]: after } : ownElsewhere;
  const ledger = { added: Object.keys(ofMachine).length > 0 ? { ...others, [machine]: ofMachine } : others };
  write(pools, ledger, host);
  return ledger;
}

/** Pages that were asked for: `nr_hugepages` counts the surplus too, and is written without it. */
function pagesIn(file: string, host: HostSystem): number {
  const of = (name: string) => Number(host.readText(join(dirname(file), name)) ?? 0);
  return of('nr_hugepages') - of('surplus_hugepages');
}

function ledgerFile({ directory, pageKiB }: PoolsOfMachine): string {
  return join(directory, `hugepages-${pageKiB}kB`);
}

function read(pools: PoolsOfMachine, host: HostSystem): Ledger {
  try {
    return JSON.parse(host.readText(ledgerFile(pools)) ?? '') as Ledger;
  } catch {
    return { added: {} };
  }
}

function write(pools: PoolsOfMachine, ledger: Ledger, host: HostSystem): void {
  const path = ledgerFile(pools);
  if (ledger.pending === undefined && Object.keys(ledger.added).length === 0) {
    unlessCode('ENOENT', () => host.removeFile(path));
    return;
  }
  makeDirectories(missingDirectories(dirname(path), host), host);
  host.writeFile(path, `${JSON.stringify(ledger)}\n`, 0o600);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** Making many pages takes the kernel its time. */
const LOCK_TIMEOUT_MS = 60_000;

/** The lock is the kernel's own file, so that nothing is left behind. */
function locked<T>({ pageKiB }: PoolsOfMachine, host: HostSystem, body: () => T): Promise<T> {
  const path = `/sys/kernel/mm/hugepages/hugepages-${pageKiB}kB/nr_hugepages`;
  return withFileLock(host, path, LOCK_TIMEOUT_MS, body);
}
