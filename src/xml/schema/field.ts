import { didYouMean } from '../../errors/index.ts';
import type { XmlElement } from '../element.ts';
import { xmlErrors } from '../errors.ts';
import type { OutElement } from '../print.ts';
import type { Codec } from './codec.ts';
import type { Reader } from './context.ts';
import type { ElementSchema } from './element-schema.ts';

/** What a field takes from an element, for the unknown-name check and the coverage table. */
export interface FieldClaim {
  readonly attributes?: readonly string[];
  readonly children?: readonly string[];
  readonly text?: boolean;
  /** Everything inside belongs to the field, whatever its name. */
  readonly anything?: boolean;
}

/** The parts of an element that is being printed. */
export interface ElementParts {
  readonly attributes: (readonly [string, string])[];
  readonly children: OutElement[];
  text?: string;
}

/** One member of an element's object: an attribute, the text, a child or a list of them. */
export interface Field<T> {
  readonly read: (element: XmlElement, key: string, reader: Reader) => T;
  readonly write: (value: T, key: string, into: ElementParts) => void;
  readonly claims: (key: string) => FieldClaim;
  /** For documentation, samples and coverage. */
  readonly nature: FieldNature;
}

// biome-ignore lint/suspicious/noExplicitAny: the value type of a nested schema does not matter to who walks it
type AnySchema = ElementSchema<any>;

export type FieldNature =
  | {
      readonly kind: 'attribute' | 'text';
      readonly name?: string;
      readonly codec: Codec<unknown>;
      readonly required: boolean;
    }
  | { readonly kind: 'flag'; readonly name?: string }
  | {
      readonly kind: 'child-text';
      readonly name?: string;
      readonly codec: Codec<unknown>;
      readonly many: boolean;
      readonly required: boolean;
    }
  | {
      readonly kind: 'child-attribute';
      readonly name?: string;
      readonly attribute: string;
      readonly codec: Codec<unknown>;
    }
  | {
      readonly kind: 'child';
      readonly name?: string;
      readonly schema: () => AnySchema;
      readonly many: boolean;
      readonly required: boolean;
    }
  | { readonly kind: 'mixed'; readonly schemas: Readonly<Record<string, AnySchema>> }
  /** `ignored`: nothing in it is looked at, and a warning says so. */
  | { readonly kind: 'raw'; readonly name?: string; readonly ignored?: true };

/** A field's name in XML, where it differs from its key. */
export interface Named {
  readonly name?: string;
}

type Optional<T> = T | undefined;

/** The value of an element's attribute, or of its own text. */
function readValue<T>(
  codec: Codec<T>,
  text: string,
  element: XmlElement,
  reader: Reader,
  attribute?: string,
): Optional<T> {
  const value = codec.read(text);
  if (value !== undefined) return value;
  const subject =
    attribute === undefined ? `<${element.name}>` : `attribute '${attribute}' of <${element.name}>`;
  reader.report(
    xmlErrors['invalid-value'],
    { value: text, subject, expected: codec.expected, hint: codec.hint?.(text) },
    element.where(attribute),
  );
  return undefined;
}

/** An attribute: `attribute(yesNo)`. */
export function attribute<T>(codec: Codec<T>, options: Named = {}): Field<Optional<T>> {
  return {
    read: (element, key, reader) => {
      const name = options.name ?? key;
      const text = element.attributes[name];
      return text === undefined ? undefined : readValue(codec, text, element, reader, name);
    },
    write: (value, key, into) => {
      if (value !== undefined) into.attributes.push([options.name ?? key, codec.write(value)]);
    },
    claims: (key) => ({ attributes: [options.name ?? key] }),
    nature: { kind: 'attribute', ...options, codec: codec as Codec<unknown>, required: false },
  };
}

/** The element's own text. Space around it does not count; none gives undefined. */
export function text<T>(codec: Codec<T>, options: { readonly verbatim?: boolean } = {}): Field<Optional<T>> {
  return {
    read: (element, _key, reader) => {
      const content = options.verbatim ? element.text : element.text.trim();
      return content === '' ? undefined : readValue(codec, content, element, reader);
    },
    write: (value, _key, into) => {
      if (value !== undefined) into.text = codec.write(value);
    },
    claims: () => ({ text: true }),
    nature: { kind: 'text', codec: codec as Codec<unknown>, required: false },
  };
}

/** An element whose presence is all that it says: `<readonly/>`. */
export function flag(options: Named = {}): Field<Optional<true>> {
  return {
    read: (element, key, reader) => {
      const child = onlyChild(element, options.name ?? key, reader);
      if (child === undefined) return undefined;
      refuseExtras(child, [], reader);
      return true;
    },
    write: (value, key, into) => {
      if (value) into.children.push({ name: options.name ?? key, attributes: [], children: [] });
    },
    claims: (key) => ({ children: [options.name ?? key] }),
    nature: { kind: 'flag', ...options },
  };
}

/**
 * A child that holds one value as text: `<uuid>…</uuid>`. An empty one counts as absent unless `keepEmpty`; space around
 * it does not count unless `verbatim`.
 */
export function childText<T>(
  codec: Codec<T>,
  options: Named & { readonly keepEmpty?: boolean; readonly verbatim?: boolean } = {},
): Field<Optional<T>> {
  return {
    read: (element, key, reader) => {
      const child = onlyChild(element, options.name ?? key, reader);
      if (child === undefined) return undefined;
      refuseExtras(child, [], reader);
      const content = options.verbatim ? child.text : child.text.trim();
      if (content === '' && !options.keepEmpty) return undefined;
      return readValue(codec, content, child, reader);
    },
    write: (value, key, into) => {
      if (value !== undefined)
        into.children.push({
          name: options.name ?? key,
          attributes: [],
          children: [],
          text: codec.write(value),
        });
    },
    claims: (key) => ({ children: [options.name ?? key] }),
    nature: {
      kind: 'child-text',
      ...named(options),
      codec: codec as Codec<unknown>,
      many: false,
      required: false,
    },
  };
}

/** Any number of children that hold one value as text each. */
export function childTexts<T>(codec: Codec<T>, options: Named = {}): Field<readonly T[]> {
  return {
    read: (element, key, reader) =>
      element.children
        .filter((c) => c.name === (options.name ?? key))
        .flatMap((c) => {
          refuseExtras(c, [], reader);
          const value = readValue(codec, c.text.trim(), c, reader);
          return value === undefined ? [] : [value];
        }),
    write: (values, key, into) => {
      for (const value of values)
        into.children.push({
          name: options.name ?? key,
          attributes: [],
          children: [],
          text: codec.write(value),
        });
    },
    claims: (key) => ({ children: [options.name ?? key] }),
    nature: { kind: 'child-text', ...options, codec: codec as Codec<unknown>, many: true, required: false },
  };
}

/**
 * A child that has a single attribute and nothing else: `<mac address='…'/>` is `childAttribute('address', mac)`; `needed`
 * if the child must not be without it.
 */
export function childAttribute<T>(
  attributeName: string,
  codec: Codec<T>,
  options: Named & { readonly needed?: boolean } = {},
): Field<Optional<T>> {
  return {
    read: (element, key, reader) => {
      const child = onlyChild(element, options.name ?? key, reader);
      const value = child?.attributes[attributeName];
      if (child !== undefined) refuseExtras(child, [attributeName], reader);
      if (child !== undefined && value === undefined && options.needed)
        reader.report(
          xmlErrors['missing-attribute'],
          { name: attributeName, element: child.name },
          child.where(),
        );
      if (child === undefined || value === undefined) return undefined;
      return readValue(codec, value, child, reader, attributeName);
    },
    write: (value, key, into) => {
      if (value !== undefined)
        into.children.push({
          name: options.name ?? key,
          attributes: [[attributeName, codec.write(value)]],
          children: [],
        });
    },
    claims: (key) => ({ children: [options.name ?? key] }),
    nature: {
      kind: 'child-attribute',
      ...named(options),
      attribute: attributeName,
      codec: codec as Codec<unknown>,
    },
  };
}

/**
 * One child element. An element that would print with nothing in it is left out unless `keepEmpty`.
 * A function instead of a schema allows a schema to contain itself.
 */
export function child<T extends object>(
  schema: ElementSchema<T> | (() => ElementSchema<T>),
  options: Named & { readonly keepEmpty?: boolean } = {},
): Field<Optional<T>> {
  const get = typeof schema === 'function' ? schema : () => schema;
  return {
    read: (element, key, reader) => {
      const found = onlyChild(element, options.name ?? key, reader);
      return found === undefined ? undefined : get().read(found, reader);
    },
    write: (value, key, into) => {
      if (value === undefined) return;
      const out = get().write(value, options.name ?? key);
      if (options.keepEmpty || !isEmpty(out)) into.children.push(out);
    },
    claims: (key) => ({ children: [options.name ?? key] }),
    nature: { kind: 'child', ...named(options), schema: get, many: false, required: false },
  };
}

/** Any number of child elements of one name. */
export function children<T extends object>(
  schema: ElementSchema<T> | (() => ElementSchema<T>),
  options: Named = {},
): Field<readonly T[]> {
  const get = typeof schema === 'function' ? schema : () => schema;
  return {
    read: (element, key, reader) =>
      element.children.filter((c) => c.name === (options.name ?? key)).map((c) => get().read(c, reader)),
    write: (values, key, into) => {
      for (const value of values) into.children.push(get().write(value, options.name ?? key));
    },
    claims: (key) => ({ children: [options.name ?? key] }),
    nature: { kind: 'child', ...options, schema: get, many: true, required: false },
  };
}

/**
 * Child elements of several names whose order among each other counts; each value tells its element's name in `kind`:
 * `mixedChildren({ latency: latencySchema, bandwidth: bandwidthSchema })`.
 */
export function mixedChildren<S extends Readonly<Record<string, AnySchema>>>(
  schemas: S,
): Field<readonly MixedChild<S>[]> {
  return {
    read: (element, _key, reader) =>
      element.children.flatMap((c) => {
        const schema = Object.hasOwn(schemas, c.name) ? schemas[c.name] : undefined;
        return schema === undefined ? [] : [{ ...schema.read(c, reader), kind: c.name } as MixedChild<S>];
      }),
    write: (values, _key, into) => {
      for (const { kind, ...value } of values) {
        const schema = schemas[kind];
        if (schema !== undefined) into.children.push(schema.write(value, kind));
      }
    },
    claims: () => ({ children: Object.keys(schemas) }),
    nature: { kind: 'mixed', schemas },
  };
}

type MixedChild<S> = {
  [K in keyof S & string]: { readonly kind: K } & (S[K] extends ElementSchema<infer T> ? T : never);
}[keyof S & string];

/** A child kept word for word, whatever is in it. */
export function raw(
  write: (element: XmlElement) => OutElement,
  options: Named = {},
): Field<Optional<XmlElement>> {
  return {
    read: (element, key) => element.child(options.name ?? key),
    write: (value, _key, into) => {
      if (value !== undefined) into.children.push(write(value));
    },
    claims: (key) => ({ children: [options.name ?? key] }),
    nature: { kind: 'raw', ...options },
  };
}

/** Makes an attribute, text or child compulsory: its absence is an error, and its type has no undefined. */
export function required<T>(field: Field<T | undefined>): Field<T> {
  return {
    read: (element, key, reader) => {
      const before = reader.errorCount;
      const value = field.read(element, key, reader);
      if (value === undefined && reader.errorCount === before) {
        const { attributes: [attributeName] = [], children: [childName] = [] } = field.claims(key);
        if (attributeName !== undefined)
          reader.report(
            xmlErrors['missing-attribute'],
            { name: attributeName, element: element.name },
            element.where(),
          );
        else
          reader.report(
            xmlErrors['missing-element'],
            { name: childName ?? 'text', parent: element.name },
            element.where(),
          );
      }
      // Reading ends with the errors reported here, so nobody sees the hole.
      return value as T;
    },
    write: field.write,
    claims: field.claims,
    nature: 'required' in field.nature ? { ...field.nature, required: true } : field.nature,
  };
}

function named({ name }: Named): Named {
  return name === undefined ? {} : { name };
}

function onlyChild(element: XmlElement, name: string, reader: Reader): XmlElement | undefined {
  let first: XmlElement | undefined;
  for (const c of element.children) {
    if (c.name !== name) continue;
    if (first === undefined) first = c;
    else reader.report(xmlErrors['repeated-element'], { name, parent: element.name }, c.where());
  }
  return first;
}

function refuseExtras(element: XmlElement, attributes: readonly string[], reader: Reader): void {
  for (const name of Object.keys(element.attributes))
    if (!attributes.includes(name) && !name.startsWith('xmlns'))
      reader.report(
        xmlErrors['unknown-attribute'],
        { name, element: element.name, hint: didYouMean(name, attributes) },
        element.where(name),
      );
  for (const c of element.children)
    reader.report(xmlErrors['unknown-element'], { name: c.name, parent: element.name }, c.where());
}

function isEmpty(out: OutElement): boolean {
  return out.attributes.length === 0 && out.children.length === 0 && out.text === undefined;
}
