import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { firstCommon, isSubset, printNumberSet } from '../../shared/number-set.ts';
import { refuseRepeated } from '../../shared/only-once.ts';
import { ioThreads } from '../iothreads/threads.ts';
import { cputuneErrors } from './errors.ts';
import type { Cachetune, Cputune, Memorytune, Scheduling } from './schema.ts';

const PERIOD = { from: 1000n, to: 1_000_000n };
const QUOTA = { from: 1000n, to: 17_592_186_044_415n };

export function validateCputune(value: Cputune, cx: ValidateContext): void {
  for (const element of ['emulatorpin', 'emulatorsched']) refuseRepeated(value[SOURCE], element, cx);
  checkRanges(value, cx);
  checkPins(value, cx);
  checkPriorities(value, cx);
  checkAllocations(value, cx);
}

/** Periods are microseconds; a negative quota means no limit. */
function checkRanges(value: Cputune, cx: ValidateContext): void {
  const check = (
    name: keyof Cputune & string,
    range: { from: bigint; to: bigint },
    number: bigint | undefined,
  ) => {
    if (number !== undefined && (number < range.from || number > range.to))
      cx.report.add(cputuneErrors['out-of-range'], { name, value: number, ...range }, whereIs(value, name));
  };
  for (const name of ['period', 'global_period', 'emulator_period', 'iothread_period'] as const)
    check(name, PERIOD, value[name]);
  for (const name of ['quota', 'global_quota', 'emulator_quota', 'iothread_quota'] as const) {
    const quota = value[name];
    if (quota !== undefined && quota > 0n) check(name, QUOTA, quota);
  }
}

function checkPins(value: Cputune, cx: ValidateContext): void {
  const threads = new Set(ioThreads(cx.domain).map((thread) => thread.id));
  for (const { iothread, ...pin } of value.iothreadpin)
    if (!threads.has(iothread))
      cx.report.add(
        cputuneErrors['missing-iothread'],
        { element: 'iothreadpin', iothread },
        whereIs(pin, '@iothread'),
      );
  refuseRepeatedPins('vcpupin', value.vcpupin, (pin) => pin.vcpu, cx);
  refuseRepeatedPins('iothreadpin', value.iothreadpin, (pin) => pin.iothread, cx);
  for (const pin of [...value.vcpupin, ...value.iothreadpin, value.emulatorpin])
    if (pin?.cpuset.length === 0)
      cx.report.add(
        cputuneErrors['empty-set'],
        { attribute: 'cpuset', value: pin[SOURCE]?.attributes.cpuset ?? '' },
        whereIs(pin, '@cpuset'),
      );
}

function refuseRepeatedPins<T extends Cputune['vcpupin'][number] | Cputune['iothreadpin'][number]>(
  element: string,
  pins: readonly T[],
  idOf: (pin: T) => number,
  cx: ValidateContext,
): void {
  const seen = new Set<number>();
  for (const pin of pins) {
    const id = idOf(pin);
    if (seen.has(id)) cx.report.add(cputuneErrors['repeated-pin'], { element, id }, whereIs(pin));
    seen.add(id);
  }
}

function checkPriorities(value: Cputune, cx: ValidateContext): void {
  const all: readonly (Scheduling | undefined)[] = [
    value.emulatorsched,
    ...value.vcpusched,
    ...value.iothreadsched,
  ];
  for (const sched of all) {
    const needsOne = sched?.scheduler === 'fifo' || sched?.scheduler === 'rr';
    if (needsOne && sched.priority === undefined)
      cx.report.add(cputuneErrors['missing-priority'], { scheduler: sched.scheduler }, whereIs(sched));
  }
}

type Group = { readonly element: 'cachetune' | 'memorytune'; readonly tune: Cachetune | Memorytune };

/** Allocations of the CPU's cache and memory bandwidth (kernel: resctrl) are for disjoint groups of vCPUs. */
function checkAllocations(value: Cputune, cx: ValidateContext): void {
  const groups: readonly Group[] = [
    ...value.cachetune.map((tune) => ({ element: 'cachetune', tune }) as const),
    ...value.memorytune.map((tune) => ({ element: 'memorytune', tune }) as const),
  ];
  groups.forEach((group, index) => {
    const { element, tune } = group;
    const vcpus = printNumberSet(tune.vcpus);
    for (const { element: other, tune: before } of groups.slice(0, index)) {
      const isSame = printNumberSet(before.vcpus) === vcpus;
      if (isSame && element === 'cachetune' && other === 'cachetune')
        cx.report.add(cputuneErrors['repeated-group'], { element, vcpus }, whereIs(tune, '@vcpus'));
      else if (!isSame && firstCommon(tune.vcpus, before.vcpus) !== undefined)
        cx.report.add(cputuneErrors['overlapping-groups'], { element, vcpus }, whereIs(tune, '@vcpus'));
    }
    if (cx.domain.type !== 'kvm') cx.report.add(cputuneErrors['kvm-only'], { element }, whereIs(tune));
    checkMonitors(tune, cx);
  });
  for (const tune of value.cachetune) checkCaches(tune, cx);
  for (const tune of value.memorytune) checkNodes(tune, cx);
}

/** Monitors watch disjoint vCPUs of the group; beside an allocation one may watch the group as a whole. */
function checkMonitors(tune: Cachetune | Memorytune, cx: ValidateContext): void {
  const group = printNumberSet(tune.vcpus);
  const hasAllocation = ('cache' in tune ? tune.cache : tune.node).length > 0;
  const watched: number[] = [];
  for (const monitor of tune.monitor) {
    const vcpus = printNumberSet(monitor.vcpus);
    if (!isSubset(monitor.vcpus, tune.vcpus))
      cx.report.add(cputuneErrors['monitor-outside-group'], { vcpus, group }, whereIs(monitor, '@vcpus'));
    if (monitor.level !== undefined && monitor.level !== 3)
      cx.report.add(cputuneErrors['monitor-level'], { level: monitor.level }, whereIs(monitor, '@level'));
    if (hasAllocation && vcpus === group) continue;
    if (firstCommon(monitor.vcpus, watched) !== undefined)
      cx.report.add(cputuneErrors['overlapping-monitors'], { vcpus }, whereIs(monitor, '@vcpus'));
    watched.push(...monitor.vcpus);
  }
}

function checkCaches(tune: Cachetune, cx: ValidateContext): void {
  const seen = new Set<string>();
  for (const { level, id, type, ...cache } of tune.cache) {
    const place = `${level} ${id} `;
    const collides =
      ['both', type].some((t) => seen.has(place + t)) || (type === 'both' && hasAny(seen, place));
    if (collides) cx.report.add(cputuneErrors['colliding-caches'], { level, id, type }, whereIs(cache));
    seen.add(place + type);
  }
}

function hasAny(seen: ReadonlySet<string>, place: string): boolean {
  return seen.has(`${place}code`) || seen.has(`${place}data`);
}

function checkNodes(tune: Memorytune, cx: ValidateContext): void {
  const seen = new Set<number>();
  for (const { id, ...node } of tune.node) {
    if (seen.has(id)) cx.report.add(cputuneErrors['repeated-node'], { node: id }, whereIs(node, '@id'));
    seen.add(id);
  }
}
