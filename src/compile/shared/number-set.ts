import type { Codec } from '../../xml/schema/index.ts';

/** CPUs, NUMA nodes or threads by number, ascending, each once. */
export type NumberSet = readonly number[];

/** The highest number in a set; more could be used to fill the memory with one attribute. */
const HIGHEST = 16_383;

/**
 * Reads `0-3,^2,8` (format: "CPU Allocation", `cpuset`): numbers, ranges, and `^` to take one away again from what
 * stands before it. Undefined if the text is anything else.
 */
export function readNumberSet(text: string): NumberSet | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\^)?\s*([0-9]+)\s*(?:-\s*([0-9]+))?\s*$/.exec(part);
    if (match === null) return undefined;
    const first = Number(match[2]);
    const last = match[3] === undefined ? first : Number(match[3]);
    if (last < first || last > HIGHEST || (match[1] !== undefined && match[3] !== undefined))
      return undefined;
    for (let n = first; n <= last; n++) {
      if (match[1] === undefined) numbers.add(n);
      else numbers.delete(n);
    }
  }
  return [...numbers].sort((a, b) => a - b);
}

/** The ranges of a set, each as its first and last number. */
export function ranges(set: NumberSet): readonly (readonly [first: number, last: number])[] {
  const found: [number, number][] = [];
  for (const n of set) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === n - 1) last[1] = n;
    else found.push([n, n]);
  }
  return found;
}

/** `0-1,5` for 0, 1 and 5. */
export function printNumberSet(set: NumberSet): string {
  return ranges(set)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',');
}

/** A set that may be empty. */
export const numberSet: Codec<NumberSet> = {
  read: readNumberSet,
  write: printNumberSet,
  expected: `numbers and ranges such as '0-3,^2,8', at most ${HIGHEST}`,
  samples: [[0], [0, 1, 3]],
};

/** Whether every number of one set is in the other. */
export function isSubset(set: NumberSet, of: NumberSet): boolean {
  const known = new Set(of);
  return set.every((n) => known.has(n));
}

/** The first number that both have. */
export function firstCommon(a: NumberSet, b: NumberSet): number | undefined {
  const known = new Set(b);
  return a.find((n) => known.has(n));
}
