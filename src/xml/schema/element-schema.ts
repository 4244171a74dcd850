import { once } from '../../lazy/index.ts';
import { SOURCE, type Sourced, type XmlElement } from '../element.ts';
import { xmlErrors } from '../errors.ts';
import type { OutElement } from '../print.ts';
import { oneOf } from './codec.ts';
import type { Reader } from './context.ts';
import { attribute, type ElementParts, type Field } from './field.ts';
import { unknownNames } from './unknown-names.ts';

/** Reads, prints and documents one element; `Read<typeof schema>` is the type of what it reads. */
export interface ElementSchema<T> {
  readonly read: (element: XmlElement, reader: Reader) => T;
  readonly write: (value: T, name: string) => OutElement;
  /** The fields, for documentation, coverage and samples; of every variant where there are several. */
  readonly shapes: () => readonly Shape[];
}

/** One way in which an element can look. */
export interface Shape {
  /** The attribute value that chooses this shape, where one does. */
  readonly when?: { readonly attribute: string; readonly value: string };
  readonly fields: Readonly<Record<string, Field<unknown>>>;
}

/** The type that a schema reads. */
export type Read<S> = S extends ElementSchema<infer T> ? T : never;

// biome-ignore lint/suspicious/noExplicitAny: a record of fields of differing types
type Fields = Readonly<Record<string, Field<any>>>;

/** The object that a record of fields reads: fields that can be undefined are optional. */
export type ReadFields<F extends Fields> = Simplify<
  { readonly [K in keyof F as undefined extends FieldType<F[K]> ? never : K]: FieldType<F[K]> } & {
    readonly [K in keyof F as undefined extends FieldType<F[K]> ? K : never]?: FieldType<F[K]>;
  }
>;
type FieldType<F> = F extends Field<infer T> ? T : never;
type Simplify<T> = { [K in keyof T]: T[K] } & {};

/**
 * An element with these fields, which print in the order in which they are declared. They are made when the first such
 * element comes: most domains have few of the elements that there are.
 */
export function element<F extends Fields>(fields: () => F): ElementSchema<ReadFields<F> & Sourced> {
  const shape = once(() => prepare({ fields: fields() }));
  return {
    read: (xml, reader) => readShape(shape(), xml, reader) as ReadFields<F> & Sourced,
    write: (value, name) => writeShape(shape(), value as Readonly<Record<string, unknown>>, name),
    shapes: () => [shape()],
  };
}

type Cases = Readonly<Record<string, () => Fields>>;
type Variant<D extends string, C extends Cases> = {
  [K in keyof C & string]: Simplify<{ readonly [P in D]: K } & ReadFields<ReturnType<C[K]>>> & Sourced;
}[keyof C & string];

/**
 * The union of the shapes that an attribute chooses between:
 * `variants('type', { pci: () => ({…}), drive: () => ({…}) })`.
 */
export function variants<D extends string, C extends Cases>(
  discriminator: D,
  cases: C,
  options: { readonly fallback?: keyof C & string } = {},
): ElementSchema<Variant<D, C>> {
  const names = Object.keys(cases) as [string, ...string[]];
  const tag = attribute(oneOf(...names));
  const shapes = (): readonly PreparedShape[] => [...byName.values()].map((shape) => shape());
  const byName = new Map(
    Object.entries(cases).map(([value, fields]) => {
      const when = { attribute: discriminator, value };
      return [
        value,
        once(() => prepare({ when, fields: { [discriminator]: tag, ...fields() } as Fields }, shapes)),
      ];
    }),
  );
  return {
    read: (xml, reader) => {
      const before = reader.errorCount;
      const written = tag.read(xml, discriminator, reader);
      const isWrong = reader.errorCount > before;
      const choice = written ?? options.fallback;
      const shape = isWrong || choice === undefined ? undefined : byName.get(choice)?.();
      if (shape === undefined) {
        if (!isWrong)
          reader.report(
            xmlErrors['missing-attribute'],
            { name: discriminator, element: xml.name },
            xml.where(),
          );
        // Reading ends with the error reported here, so nobody sees this object.
        return { [SOURCE]: xml } as unknown as Variant<D, C>;
      }
      const value = readShape(shape, xml, reader);
      value[discriminator] = choice;
      return value as unknown as Variant<D, C>;
    },
    write: (value, name) => {
      const record = value as Readonly<Record<string, unknown>>;
      const shape = byName.get(String(record[discriminator]));
      return shape === undefined ? { name, attributes: [], children: [] } : writeShape(shape(), record, name);
    },
    shapes,
  };
}

interface PreparedShape extends Shape {
  readonly entries: readonly (readonly [string, Field<unknown>])[];
  readonly reportUnknown: (xml: XmlElement, reader: Reader) => void;
}

function prepare(shape: Shape, all?: () => readonly Shape[]): PreparedShape {
  return { ...shape, entries: Object.entries(shape.fields), reportUnknown: unknownNames(shape.fields, all) };
}

function readShape(
  { entries, reportUnknown }: PreparedShape,
  xml: XmlElement,
  reader: Reader,
): Record<string, unknown> {
  reportUnknown(xml, reader);
  const value: Record<string | symbol, unknown> = {};
  for (const [key, field] of entries) {
    const member = field.read(xml, key, reader);
    if (member !== undefined) value[key] = member;
  }
  value[SOURCE] = xml;
  return value;
}

function writeShape(
  { entries }: PreparedShape,
  value: Readonly<Record<string, unknown>>,
  name: string,
): OutElement {
  const parts: ElementParts = { attributes: [], children: [] };
  for (const [key, field] of entries) if (value[key] !== undefined) field.write(value[key], key, parts);
  const { text, ...rest } = parts;
  return { name, ...rest, ...(text !== undefined && { text }) };
}
