import type { Domain, ParsedDomain } from '../../domain.ts';
import type { IoThread } from './index.ts';

/** How many iothreads a domain has. */
export function threadCount(domain: ParsedDomain | Domain): number {
  return Math.max(domain.iothreads ?? 0, domain.iothreadids?.iothread.length ?? 0);
}

/** Every iothread of a domain, in the order in which QEMU makes them. */
export function ioThreads(domain: ParsedDomain | Domain): readonly IoThread[] {
  return completeIds(domain.iothreadids?.iothread ?? [], threadCount(domain));
}

/** Written ids first, then the lowest that are free, until there are `count`. */
export function completeIds(written: readonly IoThread[], count: number): readonly IoThread[] {
  const taken = new Set(written.map((thread) => thread.id));
  const all = [...written];
  for (let id = 1; all.length < count; id++) if (!taken.has(id)) all.push({ id });
  return all;
}

/** QEMU's id of an iothread, as devices name it. */
export function iothreadId(id: number): string {
  return `iothread${id}`;
}
