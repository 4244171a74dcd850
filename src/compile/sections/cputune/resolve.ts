import { SOURCE, type Sourced, whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import type { NumberSet } from '../../shared/number-set.ts';
import { unitBytes } from '../../shared/size.ts';
import { ioThreads } from '../iothreads/threads.ts';
import { cputuneErrors } from './errors.ts';
import type {
  Cache,
  Cachetune,
  Cputune,
  Iothreadsched,
  Memorytune,
  Scheduling,
  Vcpusched,
} from './schema.ts';

const CACHE_TYPES = ['both', 'code', 'data'];

/** One scheduler a thread, pins and allocations in order, and nothing of vCPUs that do not exist. */
export function resolveCputune(value: Cputune, cx: ResolveContext): Cputune {
  const vcpus = cx.domain.vcpu?.count ?? 1;
  return {
    ...withoutZeros(value),
    vcpupin: pinsOfVcpus(value.vcpupin, vcpus, cx),
    iothreadpin: inThreadOrder(value.iothreadpin, (pin) => pin.iothread, cx),
    ...(value.emulatorsched && { emulatorsched: withoutUselessPriority(value.emulatorsched) }),
    vcpusched: schedulersOfVcpus(value.vcpusched, vcpus, cx),
    iothreadsched: schedulersOfThreads(value.iothreadsched, cx),
    cachetune: value.cachetune
      .map((tune) => resolveCachetune(tune, vcpus))
      .filter((tune) => tune.vcpus.length > 0 && tune.cache.length + tune.monitor.length > 0),
    memorytune: value.memorytune
      .map((tune) => resolveMemorytune(tune, vcpus))
      .filter((tune) => tune.vcpus.length > 0 && tune.node.length + tune.monitor.length > 0),
  };
}

/** A period or quota of 0 means none. `shares` may be 0. */
function withoutZeros(value: Cputune): Cputune {
  const kept = Object.entries(value).filter(([key, member]) => member !== 0n || key === 'shares');
  return { ...Object.fromEntries(kept), [SOURCE]: value[SOURCE] } as unknown as Cputune;
}

function pinsOfVcpus(pins: Cputune['vcpupin'], vcpus: number, cx: ResolveContext): Cputune['vcpupin'] {
  for (const pin of pins)
    if (pin.vcpu >= vcpus)
      cx.report.add(cputuneErrors['pin-of-missing-vcpu'], { vcpu: pin.vcpu }, whereIs(pin, '@vcpu'));
  return pins.filter((pin) => pin.vcpu < vcpus).sort((a, b) => a.vcpu - b.vcpu);
}

function inThreadOrder<T>(items: readonly T[], idOf: (item: T) => number, cx: ResolveContext): readonly T[] {
  const position = new Map(ioThreads(cx.domain).map((thread, index) => [thread.id, index]));
  const rank = (item: T) => position.get(idOf(item)) ?? position.size;
  return [...items].sort((a, b) => rank(a) - rank(b));
}

function schedulersOfVcpus(
  written: readonly Vcpusched[],
  vcpus: number,
  cx: ResolveContext,
): readonly Vcpusched[] {
  const each = written.flatMap((sched) => {
    refuseEmpty(sched, 'vcpus', sched.vcpus, cx);
    return sched.vcpus.map((id) => ({ ...withoutUselessPriority(sched), vcpus: [id], id }));
  });
  for (const sched of each)
    if (sched.id >= vcpus)
      cx.report.add(cputuneErrors['missing-vcpu'], { vcpu: sched.id }, whereIs(sched, '@vcpus'));
  refuseRepeated(each, 'vcpusched', 'vcpus', cx);
  return each.sort((a, b) => a.id - b.id);
}

function schedulersOfThreads(
  written: readonly Iothreadsched[],
  cx: ResolveContext,
): readonly Iothreadsched[] {
  const known = new Set(ioThreads(cx.domain).map((thread) => thread.id));
  const each = written.flatMap((sched) => {
    refuseEmpty(sched, 'iothreads', sched.iothreads, cx);
    return sched.iothreads.map((id) => ({ ...withoutUselessPriority(sched), iothreads: [id], id }));
  });
  for (const sched of each)
    if (!known.has(sched.id))
      cx.report.add(
        cputuneErrors['missing-iothread'],
        { element: 'iothreadsched', iothread: sched.id },
        whereIs(sched, '@iothreads'),
      );
  refuseRepeated(each, 'iothreadsched', 'iothreads', cx);
  return inThreadOrder(each, (sched) => sched.id, cx);
}

/** Only the real-time schedulers have priorities. */
function withoutUselessPriority<S extends Scheduling>(sched: S): S {
  if (sched.scheduler === 'fifo' || sched.scheduler === 'rr') return sched;
  const { priority, ...rest } = sched;
  return rest as S;
}

function refuseEmpty(sched: Sourced, attribute: string, set: NumberSet, cx: ResolveContext): void {
  const value = sched[SOURCE]?.attributes[attribute] ?? '';
  if (set.length === 0)
    cx.report.add(cputuneErrors['empty-set'], { attribute, value }, whereIs(sched, `@${attribute}`));
}

function refuseRepeated(
  each: readonly (Sourced & { readonly id: number })[],
  element: string,
  attribute: string,
  cx: ResolveContext,
): void {
  const seen = new Set<number>();
  for (const { id, ...sched } of each) {
    if (seen.has(id))
      cx.report.add(
        cputuneErrors['overlapping-schedulers'],
        { element, attribute, id },
        whereIs(sched, `@${attribute}`),
      );
    seen.add(id);
  }
}

function resolveCachetune({ id, ...tune }: Cachetune, vcpus: number): Cachetune {
  return {
    ...tune,
    vcpus: tune.vcpus.filter((vcpu) => vcpu < vcpus),
    cache: [...tune.cache].sort(byLevelTypeAndId).map(inOwnUnit),
  };
}

function byLevelTypeAndId(a: Cache, b: Cache): number {
  return a.level - b.level || CACHE_TYPES.indexOf(a.type) - CACHE_TYPES.indexOf(b.type) || a.id - b.id;
}

/** Sizes print in the greatest unit that divides them. */
function inOwnUnit(cache: Cache): Cache {
  const all = cache.size * (unitBytes(cache.unit ?? 'KiB') ?? 1n);
  const power = UNITS.findLastIndex((_, exponent) => all > 0n && all % 1024n ** BigInt(exponent) === 0n);
  const exponent = Math.max(power, 0);
  return { ...cache, size: all / 1024n ** BigInt(exponent), unit: UNITS[exponent] };
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

function resolveMemorytune({ id, ...tune }: Memorytune, vcpus: number): Memorytune {
  return {
    ...tune,
    vcpus: tune.vcpus.filter((vcpu) => vcpu < vcpus),
    node: [...tune.node].sort((a, b) => a.id - b.id),
    monitor: tune.monitor.map(({ level, ...monitor }) => monitor),
  };
}
