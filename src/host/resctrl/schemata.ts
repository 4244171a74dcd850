/**
 * What groups of the CPU's resource control are given (kernel: arch/x86/resctrl, "Schemata files"): by resource (`L3`,
 * `L3CODE`, `MB`) and by the id of the cache or node. A cache's value is a mask of its ways, a bandwidth's a number.
 */
export type Schemata = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

const BANDWIDTH = 'MB';

/** Reads a group's `schemata`. */
export function parseSchemata(text: string): Schemata {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, resource, values] = /^\s*([A-Z0-9]+):(.*)$/.exec(line) ?? [];
      if (resource === undefined || values === undefined) return [];
      const entries = values.split(';').map((entry) => {
        const [id = '', value = ''] = entry.split('=').map((word) => word.trim());
        return [Number(id), BigInt(resource === BANDWIDTH ? value : `0x${value}`)] as const;
      });
      return [[resource, new Map(entries)] as const];
    }),
  );
}

/** A line for each resource, as they are written. */
export function printSchemata(schemata: Schemata): readonly string[] {
  return [...schemata].map(([resource, values]) => {
    const print = (value: bigint) => value.toString(resource === BANDWIDTH ? 10 : 16);
    return `${resource}:${[...values].map(([id, value]) => `${id}=${print(value)}`).join(';')}`;
  });
}

/** The schemata with one more value. */
export function withValue(schemata: Schemata, resource: string, id: number, value: bigint): Schemata {
  return new Map([...schemata, [resource, new Map([...(schemata.get(resource) ?? []), [id, value]])]]);
}

/** The ways that none of the groups has. */
export function freeWays(all: bigint, resource: string, id: number, groups: readonly Schemata[]): bigint {
  return groups.reduce((free, group) => free & ~(group.get(resource)?.get(id) ?? 0n), all);
}

/**
 * The shortest run of free ways that has `count` of them: a cache is given in ways that lie side by side.
 * @returns their mask; undefined if there is no such run.
 */
export function pickWays(free: bigint, count: number): bigint | undefined {
  const runs: { readonly start: number; readonly length: number }[] = [];
  let start: number | undefined;
  const width = free.toString(2).length;
  for (let bit = 0; bit <= width; bit++) {
    const isFree = ((free >> BigInt(bit)) & 1n) === 1n;
    if (isFree) start ??= bit;
    else if (start !== undefined) {
      runs.push({ start, length: bit - start });
      start = undefined;
    }
  }
  const best = runs
    .filter((run) => run.length >= count)
    .sort((a, b) => a.length - b.length || a.start - b.start);
  return best[0] === undefined ? undefined : ((1n << BigInt(count)) - 1n) << BigInt(best[0].start);
}

export function countWays(mask: bigint): number {
  return [...mask.toString(2)].filter((bit) => bit === '1').length;
}
