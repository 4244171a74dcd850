import { type Sourced, xmlErrors } from '../../xml/index.ts';
import {
  attribute,
  bigInteger,
  type Codec,
  child,
  type ElementSchema,
  element,
  type Field,
  type ReadFields,
  text,
} from '../../xml/schema/index.ts';

/** `libvirt`'s factors by the first letter of the unit; `KiB` and `k` are 1024, `KB` is 1000. */
const POWERS = 'kmgtpe';

/**
 * Bytes of one unit as it may be written (schema: `unit`): `b`, `bytes`, `k`, `KiB`, `KB`, …; undefined if it is none.
 */
export function unitBytes(unit: string): bigint | undefined {
  const match = /^(?:b|bytes?|([kmgtpe])(i?b)?)$/i.exec(unit);
  if (match === null) return undefined;
  const power = match[1] === undefined ? 0n : BigInt(POWERS.indexOf(match[1].toLowerCase()) + 1);
  const isDecimal = match[2]?.toLowerCase() === 'b';
  return (isDecimal ? 1000n : 1024n) ** power;
}

/** A unit of sizes; written back as it was read. */
export const unit: Codec<string> = {
  read: (value) => (unitBytes(value) === undefined ? undefined : value),
  write: (value) => value,
  expected: "a unit such as 'KiB', 'MiB', 'GiB', 'KB' or 'bytes'",
  samples: ['KiB', 'MiB', 'G', 'bytes'],
};

/** An amount beside its unit; a text that has the unit in it is told where that belongs. */
const amount: Codec<bigint> = {
  ...bigInteger(),
  hint: (value) => {
    const [, unitName] = /^\s*[0-9.]+\s*([a-z]+)$/i.exec(value) ?? [];
    return unitName !== undefined && unitBytes(unitName) !== undefined
      ? `the unit has an attribute of its own: unit='${unitName}'`
      : undefined;
  },
};

/** The most that a size can be: 2^63 - 1 bytes, in KiB. It is also what "unlimited" is written as. */
export const MOST_KIB = Number.MAX_SAFE_INTEGER;

/** An amount in a unit as KiB, rounded up; undefined if it passes `MOST_KIB`. */
export function toKiB(amount: bigint, unitName = 'KiB'): number | undefined {
  const bytes = amount * (unitBytes(unitName) ?? 1024n);
  const sizeKiB = (bytes + 1023n) / 1024n;
  return sizeKiB > BigInt(MOST_KIB) ? undefined : Number(sizeKiB);
}

/** KiB to bytes, for QEMU. */
export function bytes(sizeKiB: number): bigint {
  return BigInt(sizeKiB) * 1024n;
}

/** Rounds up to a multiple. */
export function alignUp(sizeKiB: number, stepKiB: number): number {
  return Math.ceil(sizeKiB / stepKiB) * stepKiB;
}

/** What `<size unit='MiB'>512</size>` reads as: always KiB, and printed in KiB. */
export interface SizeElement extends Sourced {
  readonly sizeKiB: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a record of fields of differing types
type Fields = Readonly<Record<string, Field<any>>>;

/**
 * An element whose text is a size, with further attributes: reads any unit (`unwritten` if there is none) into KiB,
 * rounded up. No size, or one that 63 bits of bytes cannot hold, is an error.
 */
export function sizeElement<F extends Fields>(
  fields: F,
  unwritten = 'KiB',
): ElementSchema<SizeElement & ReadFields<F>> {
  const written = element(() => ({ ...fields, unit: attribute(unit), amount: text(amount) }));
  return {
    read: (xml, reader) => {
      const before = reader.errorCount;
      const { amount, unit: unitName = unwritten, ...rest } = written.read(xml, reader) as Written;
      const sizeKiB = amount === undefined ? undefined : toKiB(amount, unitName);
      if (sizeKiB === undefined && reader.errorCount === before)
        reader.report(
          xmlErrors['invalid-value'],
          { value: xml.text.trim(), subject: `<${xml.name}>`, expected: `a size of at most ${MOST_KIB} KiB` },
          xml.where(),
        );
      return { sizeKiB: sizeKiB ?? 0, ...rest } as unknown as SizeElement & ReadFields<F>;
    },
    write: ({ sizeKiB, ...rest }, name) =>
      written.write({ ...rest, unit: 'KiB', amount: BigInt(sizeKiB) } as never, name),
    shapes: written.shapes,
  };
}

interface Written extends Sourced {
  readonly unit?: string;
  readonly amount?: bigint;
}

/** An element that is a size and nothing else. */
export const sizeSchema: ElementSchema<SizeElement> = sizeElement({});

/** A child that is a size: `<pagesize unit='KiB'>2048</pagesize>`. */
export function size(options: { readonly name?: string } = {}): Field<SizeElement | undefined> {
  return child(sizeSchema, options);
}
