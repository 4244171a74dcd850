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
  readonly shapes: readonly Shape[];
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

/** Fields print in the order in which they are declared. */
export function element<F extends Fields>(fields: F): ElementSchema<ReadFields<F> & Sourced> {
  const entries = Object.entries(fields);
  const reportUnknown = unknownNames(fields);
  return {
    read: (xml, reader) => {
      reportUnknown(xml, reader);
      return readFields(entries, xml, reader) as ReadFields<F> & Sourced;
    },
    write: (value, name) => writeFields(entries, value as Readonly<Record<string, unknown>>, name),
    shapes: [{ fields }],
  };
}

/** The union of the shapes that an attribute chooses between: `variants('type', { pci: {…}, drive: {…} })`. */
export function variants<D extends string, V extends Readonly<Record<string, Fields>>>(
  discriminator: D,
  cases: V,
  options: { readonly fallback?: keyof V & string } = {},
): ElementSchema<
  { [K in keyof V & string]: Simplify<{ readonly [P in D]: K } & ReadFields<V[K]>> & Sourced }[keyof V &
    string]
> {
  type T = {
    [K in keyof V & string]: Simplify<{ readonly [P in D]: K } & ReadFields<V[K]>> & Sourced;
  }[keyof V & string];
  const names = Object.keys(cases) as [string, ...string[]];
  const tag = attribute(oneOf(...names));
  const shapes: readonly Shape[] = names.map((value) => ({
    when: { attribute: discriminator, value },
    fields: { [discriminator]: tag, ...cases[value] } as Readonly<Record<string, Field<unknown>>>,
  }));
  const byName = new Map(
    shapes.map(({ fields }, i) => [
      names[i],
      { entries: Object.entries(fields), reportUnknown: unknownNames(fields, shapes) },
    ]),
  );
  return {
    read: (xml, reader) => {
      const before = reader.diagnostics.length;
      const written = tag.read(xml, discriminator, reader);
      const isWrong = reader.diagnostics.length > before;
      const choice = written ?? options.fallback;
      const shape = isWrong || choice === undefined ? undefined : byName.get(choice);
      if (shape === undefined) {
        if (!isWrong)
          reader.report(
            xmlErrors['missing-attribute'],
            { name: discriminator, element: xml.name },
            xml.where(),
          );
        // Reading ends with the error reported here, so nobody sees this object.
        return { [SOURCE]: xml } as unknown as T;
      }
      shape.reportUnknown(xml, reader);
      const value = readFields(shape.entries, xml, reader);
      value[discriminator] = choice;
      return value as unknown as T;
    },
    write: (value, name) => {
      const record = value as Readonly<Record<string, unknown>>;
      return writeFields(byName.get(String(record[discriminator]))?.entries ?? [], record, name);
    },
    shapes,
  };
}

function readFields(
  entries: readonly (readonly [string, Field<unknown>])[],
  xml: XmlElement,
  reader: Reader,
): Record<string, unknown> {
  const value: Record<string | symbol, unknown> = {};
  for (const [key, field] of entries) {
    const member = field.read(xml, key, reader);
    if (member !== undefined) value[key] = member;
  }
  value[SOURCE] = xml;
  return value;
}

function writeFields(
  entries: readonly (readonly [string, Field<unknown>])[],
  value: Readonly<Record<string, unknown>>,
  name: string,
): OutElement {
  const parts: ElementParts = { attributes: [], children: [] };
  for (const [key, field] of entries) if (value[key] !== undefined) field.write(value[key], key, parts);
  const { text, ...rest } = parts;
  return { name, ...rest, ...(text !== undefined && { text }) };
}
