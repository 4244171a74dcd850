import { didYouMean } from '../../errors/index.ts';
import type { XmlElement } from '../element.ts';
import { xmlErrors } from '../errors.ts';
import type { Reader } from './context.ts';
import type { Shape } from './element-schema.ts';
import type { Field } from './field.ts';

// biome-ignore lint/suspicious/noExplicitAny: a record of fields of differing types
type Fields = Readonly<Record<string, Field<any>>>;

interface Claims {
  readonly attributes: ReadonlySet<string>;
  readonly children: ReadonlySet<string>;
  readonly text: boolean;
  readonly anything: boolean;
}

interface Context {
  readonly fields: Fields;
  /** The other ways in which the element can look. */
  readonly others: () => readonly Shape[];
}

/**
 * Reports what an element has and none of its fields reads, with a guess at what was meant.
 * What the fields read is found when the first such element comes: most domains have few of the elements that there are.
 */
export function unknownNames(
  fields: Fields,
  others: () => readonly Shape[] = () => [],
): (xml: XmlElement, reader: Reader) => void {
  const context: Context = { fields, others };
  let known: Claims | undefined;
  return (xml, reader) => {
    known ??= claimsOf(fields);
    if (!known.anything) reportUnknown(xml, known, context, reader);
  };
}

function claimsOf(fields: Fields): Claims {
  const claims = Object.entries(fields).map(([key, field]) => field.claims(key));
  return {
    attributes: new Set(claims.flatMap((c) => c.attributes ?? [])),
    children: new Set(claims.flatMap((c) => c.children ?? [])),
    text: claims.some((c) => c.text === true),
    anything: claims.some((c) => c.anything === true),
  };
}

function reportUnknown(xml: XmlElement, known: Claims, context: Context, reader: Reader): void {
  const parent = xml.name;
  for (const name of Object.keys(xml.attributes))
    if (!known.attributes.has(name) && !name.startsWith('xmlns')) {
      const hint = guess('attributes', name, parent, known, context);
      reader.report(xmlErrors['unknown-attribute'], { name, element: parent, hint }, xml.where(name));
    }
  for (const child of xml.children)
    if (!known.children.has(child.name)) {
      const { name } = child;
      const hint = guess('children', name, parent, known, context);
      reader.report(xmlErrors['unknown-element'], { name, parent, hint }, child.where());
    }
  const text = known.text ? '' : xml.text.trim();
  if (text !== '')
    reader.report(xmlErrors['unexpected-text'], { text: text.slice(0, 40), element: parent }, xml.where());
}

type What = 'attributes' | 'children';

/** What was meant, the surest guess first: the same name in another place, then a name that is much like it. */
function guess(
  what: What,
  name: string,
  parent: string,
  known: Claims,
  { fields, others }: Context,
): string | undefined {
  const isAttribute = what === 'attributes';
  if (isAttribute && known.children.has(name)) return `<${name}> is an element in <${parent}>`;
  if (!isAttribute && known.attributes.has(name)) return `'${name}' is an attribute of <${parent}>`;
  const cases = others()
    .filter((shape) => claims(shape, what, name))
    .flatMap(({ when }) => when ?? []);
  const [first] = cases;
  if (first !== undefined)
    return `it goes with ${first.attribute} ${cases.map(({ value }) => `'${value}'`).join(', ')}`;
  const holders = childrenWith(what, name, fields).map((holder) => `<${holder}>`);
  if (holders.length > 0)
    return isAttribute
      ? `it is an attribute of ${holders.join(' and ')}`
      : `it stands in ${holders.join(' or ')}`;
  return didYouMean(name, known[what]);
}

/** The child elements that could have an attribute or a child of this name. */
function childrenWith(what: What, name: string, fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([key, { nature }]) => {
    if (nature.kind === 'child-attribute')
      return what === 'attributes' && nature.attribute === name ? [nature.name ?? key] : [];
    if (nature.kind !== 'child') return [];
    return nature
      .schema()
      .shapes()
      .some((shape) => claims(shape, what, name))
      ? [nature.name ?? key]
      : [];
  });
}

/** A word that many elements begin with and that says what they are, such as `type`, tells nothing of where one belongs. */
function claims({ when, fields }: Shape, what: What, name: string): boolean {
  if (when?.attribute === name) return false;
  return Object.entries(fields).some(([key, field]) => field.claims(key)[what]?.includes(name));
}
