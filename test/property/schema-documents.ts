import fc from 'fast-check';
import type { OutElement } from '../../src/xml/index.ts';
import type { ElementSchema, Field, Shape } from '../../src/xml/schema/index.ts';
import { nastyText } from './domains.ts';

/** What one field puts into its element. */
interface Parts {
  readonly attributes: readonly (readonly [string, string])[];
  readonly children: readonly OutElement[];
  readonly text?: string;
}

const NOTHING: Parts = { attributes: [], children: [] };

/** An element with all that it must have and, sometimes, what it can have; `depth` levels deep. */
export function elementOf(
  schema: ElementSchema<unknown>,
  name: string,
  depth: number,
): fc.Arbitrary<OutElement> {
  if (schema.shapes().length === 0) return fc.constant({ name, attributes: [], children: [] });
  return fc.constantFrom(...schema.shapes()).chain((shape) => shapeOf(shape, name, depth));
}

function shapeOf({ when, fields }: Shape, name: string, depth: number): fc.Arbitrary<OutElement> {
  const parts = Object.entries(fields).map(([key, field]) => fieldOf(field, key, depth));
  return fc.tuple(...parts).map((values): OutElement => {
    const text = values.find((p) => p.text !== undefined)?.text;
    const attributes = values.flatMap((p) => p.attributes).filter(([key]) => key !== when?.attribute);
    // A shape that the parent's attribute chooses is the parent's business.
    const isOwn = when !== undefined && !when.attribute.startsWith('../');
    return {
      name,
      attributes: [...(isOwn ? [[when.attribute, when.value] as const] : []), ...attributes],
      children: values.flatMap((p) => p.children),
      ...(text !== undefined && { text }),
    };
  });
}

/** What a field puts into an element, nothing in most cases if it need not be there. */
export function fieldOf(field: Field<unknown>, key: string, depth: number): fc.Arbitrary<Parts> {
  const { nature } = field;
  const isNeeded = 'required' in nature && nature.required;
  const parts = partsOf(field, key, depth);
  if (parts === undefined) return fc.constant(NOTHING);
  // An element that can have text mostly needs it.
  const weight = nature.kind === 'text' ? 20 : 1;
  return isNeeded
    ? parts
    : fc.oneof({ arbitrary: fc.constant(NOTHING), weight: 3 }, { arbitrary: parts, weight });
}

function partsOf({ nature }: Field<unknown>, key: string, depth: number): fc.Arbitrary<Parts> | undefined {
  const name = nature.kind === 'mixed' ? key : (nature.name ?? key);
  const leaf = (attributes: Parts['attributes'], text?: string): Parts => ({
    attributes: [],
    children: [{ name, attributes, children: [], ...(text !== undefined && { text }) }],
  });
  switch (nature.kind) {
    case 'attribute':
      return textOf(nature.codec).map((text) => ({ attributes: [[name, text]], children: [] }));
    case 'text':
      return textOf(nature.codec).map((text) => ({ ...NOTHING, text }));
    case 'flag':
      return fc.constant(leaf([]));
    case 'child-text':
      return textOf(nature.codec).map((text) => leaf([], text));
    case 'child-attribute':
      return textOf(nature.codec).map((text) => leaf([[nature.attribute, text]]));
    case 'child': {
      if (depth === 0) return undefined;
      const one = elementOf(nature.schema(), name, depth - 1);
      const list = nature.many ? fc.array(one, { maxLength: 2 }) : one.map((element) => [element]);
      return list.map((children) => ({ attributes: [], children }));
    }
    case 'mixed': {
      if (depth === 0) return undefined;
      const any = Object.entries(nature.schemas).map(([child, schema]) =>
        elementOf(schema, child, depth - 1),
      );
      return fc.array(fc.oneof(...any), { maxLength: 3 }).map((children) => ({ attributes: [], children }));
    }
    case 'raw':
      return undefined;
  }
}

/** A value of the codec; now and then any text, which is a value of many. */
function textOf(codec: {
  readonly samples: readonly unknown[];
  readonly write: (value: never) => string;
}): fc.Arbitrary<string> {
  const samples = codec.samples.map((sample) => codec.write(sample as never));
  return fc.oneof({ arbitrary: fc.constantFrom(...samples), weight: 40 }, nastyText);
}
