import { didYouMean } from '../../errors/index.ts';

/** How one value is written in XML: text to value and back. */
export interface Codec<T> {
  /** The value, or undefined if the text is not one. */
  readonly read: (text: string) => T | undefined;
  readonly write: (value: T) => string;
  /** For messages and the coverage table: `one of 'yes', 'no'`. */
  readonly expected: string;
  /** What may have been meant by a text that is no value. */
  readonly hint?: (text: string) => string | undefined;
  /** A few values for generated documents; never empty. */
  readonly samples: readonly [T, ...T[]];
}

/** Any text; `nonEmpty` refuses the empty one. */
export function string(
  options: {
    nonEmpty?: boolean;
    pattern?: RegExp;
    expected?: string;
    samples?: readonly [string, ...string[]];
  } = {},
): Codec<string> {
  const {
    nonEmpty = false,
    pattern,
    expected = nonEmpty ? 'a value' : 'text',
    samples = ['text', 'o\'clock, "x" & <y>'],
  } = options;
  return {
    read: (text) => ((nonEmpty && text === '') || pattern?.test(text) === false ? undefined : text),
    write: (value) => value,
    expected,
    samples,
  };
}

/** One word of a list. */
export function oneOf<const V extends readonly [string, ...string[]]>(...values: V): Codec<V[number]> {
  const known: ReadonlySet<string> = new Set(values);
  return {
    read: (text) => (known.has(text) ? text : undefined),
    write: (value) => value,
    expected: `one of ${values.map((v) => `'${v}'`).join(', ')}`,
    hint: (text) => didYouMean(text, values),
    samples: values,
  };
}

function twoWords(yes: string, no: string): Codec<boolean> {
  return {
    read: (text) => (text === yes ? true : text === no ? false : undefined),
    write: (value) => (value ? yes : no),
    expected: `'${yes}' or '${no}'`,
    samples: [true, false],
  };
}

/** `yes` or `no`. */
export const yesNo: Codec<boolean> = twoWords('yes', 'no');
/** `on` or `off`. */
export const onOff: Codec<boolean> = twoWords('on', 'off');

/** A decimal (or, as libvirt reads them, 0x hexadecimal) integer; 0 to 2^32-1 unless said otherwise. */
export function integer(
  options: { min?: number; max?: number; samples?: readonly [number, ...number[]] } = {},
): Codec<number> {
  const { min = 0, max = 2 ** 32 - 1, samples = [Math.max(min, 1), max] } = options;
  return {
    read: (text) => {
      const value = readInteger(text);
      return value === undefined || value < min || value > max ? undefined : Number(value);
    },
    write: String,
    expected: integerRange(min, max),
    hint: withoutUnit,
    samples,
  };
}

/** An integer that can pass 2^53, as bigint; 0 to 2^64-1 unless said otherwise. */
export function bigInteger(options: { min?: bigint; max?: bigint } = {}): Codec<bigint> {
  const { min = 0n, max = 2n ** 64n - 1n } = options;
  return {
    read: (text) => {
      const value = readInteger(text);
      return value === undefined || value < min || value > max ? undefined : value;
    },
    write: String,
    expected: integerRange(min, max),
    hint: withoutUnit,
    samples: [min > 1n ? min : 1n],
  };
}

function integerRange(min: number | bigint, max: number | bigint): string {
  if (min === 0 && max === 2 ** 32 - 1) return 'a non-negative integer';
  return `an integer from ${min} to ${max}`;
}

function withoutUnit(text: string): string | undefined {
  return /^\s*[0-9.]+\s*([kmgtpe]i?b?|bytes?|%|[mun]?s)$/i.test(text)
    ? 'a number stands here without a unit'
    : undefined;
}

function readInteger(text: string): bigint | undefined {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)$/.exec(text);
  if (match?.[2] === undefined) return undefined;
  const magnitude = BigInt(match[2]);
  return match[1] === '-' ? -magnitude : magnitude;
}

/** A number that prints as `0x` with at least `digits` digits (PCI addresses); read in either base. */
export function hex(digits: number, max: number = 16 ** digits - 1): Codec<number> {
  return {
    ...integer({ max }),
    write: (value) => `0x${value.toString(16).padStart(digits, '0')}`,
    expected: `a number from 0x0 to 0x${max.toString(16)}`,
    samples: [1, max],
  };
}

/** A UUID with or without dashes; printed in lower case with dashes. */
export const uuid: Codec<string> = {
  read: (text) => {
    const digits = text.trim().replaceAll('-', '').toLowerCase();
    if (!/^[0-9a-f]{32}$/.test(digits)) return undefined;
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  },
  write: (value) => value,
  expected: 'a UUID',
  samples: ['c7a5fdbd-edaf-9455-926a-d65c16db1809'],
};

/** A MAC address, printed in lower case with two digits a group. */
export const mac: Codec<string> = {
  read: (text) => {
    const groups = text.trim().toLowerCase().split(':');
    if (groups.length !== 6 || !groups.every((g) => /^[0-9a-f]{1,2}$/.test(g))) return undefined;
    return groups.map((g) => g.padStart(2, '0')).join(':');
  },
  write: (value) => value,
  expected: 'a MAC address',
  samples: ['52:54:00:12:34:56'],
};
