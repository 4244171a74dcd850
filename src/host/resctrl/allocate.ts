import { fail } from '../../errors/index.ts';
import type { CacheShare, ResctrlRequirement } from '../../plan/index.ts';
import type { HostSystem } from '../system.ts';
import { resctrlErrors } from './errors.ts';
import { countWays, freeWays, parseSchemata, pickWays, type Schemata, withValue } from './schemata.ts';

export const RESCTRL = '/sys/fs/resctrl';
const NO_GROUPS = ['info', 'mon_groups', 'mon_data'];

/** What all groups have; the default group, in which everything else runs, is the first. */
export function readGroups(host: HostSystem): readonly [Schemata, ...Schemata[]] {
  const read = (group: string) => parseSchemata(host.readText(`${group}/schemata`) ?? '');
  const groups = host
    .listDirectory(RESCTRL)
    .filter((name) => !NO_GROUPS.includes(name))
    .map((name) => `${RESCTRL}/${name}`)
    .filter((group) => host.status(group)?.kind === 'directory');
  return [read(RESCTRL), ...groups.map(read)];
}

/**
 * What a new group gets: ways that no group has, also not the default one; where nothing is asked of a cache, what the
 * default group has of it. The bandwidth is the user's to judge (format: `memorytune`).
 * @throws QdomError `host/resctrl-unavailable`, `host/cache-size`, `host/cache-full`.
 */
export function allocate(
  { device, caches, bandwidths }: ResctrlRequirement,
  groups: readonly [Schemata, ...Schemata[]],
  host: HostSystem,
): Schemata {
  const [defaults] = groups;
  const withCaches = caches.reduce(
    (schemata, cache) => withValue(schemata, nameOf(cache), cache.id, ways(cache, device, groups, host)),
    defaults,
  );
  return bandwidths.reduce((schemata, { node, bandwidth }) => {
    requireDomain('MB', node, device, defaults);
    return withValue(schemata, 'MB', node, BigInt(bandwidth));
  }, withCaches);
}

const SUFFIXES = { both: '', code: 'CODE', data: 'DATA' } as const;

function nameOf({ level, type }: CacheShare): string {
  return `L${level}${SUFFIXES[type]}`;
}

function ways(
  cache: CacheShare,
  device: string,
  groups: readonly [Schemata, ...Schemata[]],
  host: HostSystem,
): bigint {
  const resource = nameOf(cache);
  requireDomain(resource, cache.id, device, groups[0]);
  const info = (file: string) => (host.readText(`${RESCTRL}/info/${resource}/${file}`) ?? '').trim();
  const all = BigInt(`0x${info('cbm_mask') || '0'}`);
  const bytesOfWay = sizeOf(cache, host) / BigInt(Math.max(countWays(all), 1));
  const least = BigInt(info('min_cbm_bits') || 1);
  if (bytesOfWay === 0n || cache.bytes % bytesOfWay !== 0n || cache.bytes < bytesOfWay * least)
    throw fail(resctrlErrors['cache-size'], {
      resource,
      id: cache.id,
      bytes: cache.bytes,
      bytesOfWay,
      least,
    });
  const count = Number(cache.bytes / bytesOfWay);
  const free = freeWays(all, resource, cache.id, groups);
  const mask = pickWays(free, count);
  if (mask !== undefined) return mask;
  throw fail(resctrlErrors['cache-full'], {
    ...{ resource, id: cache.id, bytes: cache.bytes, count },
    free: free.toString(16),
    ofDefault: (groups[0].get(resource)?.get(cache.id) ?? 0n).toString(16),
  });
}

/** @throws QdomError `host/resctrl-unavailable` with what there is. */
function requireDomain(resource: string, id: number, device: string, defaults: Schemata): void {
  if (defaults.get(resource)?.has(id)) return;
  const offers = [...defaults].flatMap(([name, values]) => [...values.keys()].map((one) => `${name} ${one}`));
  throw fail(resctrlErrors['resctrl-unavailable'], {
    device,
    what: `${resource} ${id}`,
    offers: offers.join(', ') || 'nothing',
  });
}

const CPUS = '/sys/devices/system/cpu';
const UNITS: Readonly<Record<string, bigint>> = { K: 1024n, M: 1024n * 1024n };

/** Of the whole cache, in bytes (Documentation/ABI/testing/sysfs-devices-system-cpu). */
function sizeOf({ level, id }: CacheShare, host: HostSystem): bigint {
  const indexes = host
    .listDirectory(CPUS)
    .filter((name) => /^cpu\d+$/.test(name))
    .flatMap((cpu) =>
      host.listDirectory(`${CPUS}/${cpu}/cache`).map((name) => `${CPUS}/${cpu}/cache/${name}`),
    );
  const found = indexes.find((index) => {
    const of = (file: string) => (host.readText(`${index}/${file}`) ?? '').trim();
    return of('level') === String(level) && of('id') === String(id) && of('type') !== 'Instruction';
  });
  const [, count = '0', unit = ''] = /^(\d+)([KM]?)/.exec(host.readText(`${found}/size`) ?? '') ?? [];
  return BigInt(count) * (UNITS[unit] ?? 1n);
}
