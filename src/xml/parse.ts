import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { diagnose, type ErrorRule, QdomError } from '../errors/index.ts';
import { XmlElement, XmlSource } from './element.ts';
import { decodeEntities, UnknownEntity } from './entities.ts';
import { xmlErrors } from './errors.ts';

/** libvirt's elements for QEMU alone: `qemu:commandline` and its like. */
export const QEMU_NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0';

const MAX_MIB = 16;
/** libxml2's own limit, so that nothing which another tool reads is refused for its depth. */
const MAX_DEPTH = 256;

/** fast-xml-parser's node with `preserveOrder`: one member named for the element, `:@` for the attributes. */
interface RawNode {
  readonly ':@'?: Readonly<Record<string, string>>;
  readonly '#text'?: string;
  readonly '#cdata'?: readonly RawNode[];
  readonly [name: string]: unknown;
}

const METADATA = XMLParser.getMetaDataSymbol() as unknown as string;

/**
 * Reads one XML document into elements that know their place. Entities are decoded here and only the
 * predefined ones; a DOCTYPE, a second root and endless nesting are refused.
 * @throws QdomError of class `syntax`
 */
export function parseXml(text: string, file?: string): XmlElement {
  const source = new XmlSource(text, file);
  if (text.length > MAX_MIB * 2 ** 20) throw refuse(source, 0, xmlErrors['too-large'], { limitMiB: MAX_MIB });
  refuseCharacters(source);
  refuseMalformed(source);
  refuseDoctype(source);
  const [root, second] = rootsOf(source);
  if (root === undefined) throw refuse(source, 0, xmlErrors.empty, undefined);
  if (second !== undefined) refuseSecondRoot(source, second);
  return build(root, elementName(root) ?? '', undefined, source);
}

function rootsOf(source: XmlSource): RawNode[] {
  return parseNodes(source).filter((node) => elementName(node) !== undefined);
}

function refuseSecondRoot(source: XmlSource, second = rootsOf(source)[1]): void {
  if (second === undefined) return;
  throw refuse(source, offsetOf(second), xmlErrors['several-roots'], { name: elementName(second) ?? '' });
}

const PARSER = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  captureMetaData: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
  // Nobody asks for the path of an element as text.
  jPath: false,
});

function parseNodes(source: XmlSource): RawNode[] {
  try {
    return PARSER.parse(source.text);
  } catch (error) {
    refuseNesting(source);
    throw refuse(source, 0, xmlErrors.malformed, { problem: (error as Error).message });
  }
}

function refuse<P>(source: XmlSource, offset: number, rule: ErrorRule<P>, params: P): QdomError {
  const { file } = source;
  return new QdomError([
    diagnose(rule, params, { ...(file !== undefined && { file }), at: source.locate(offset) }),
  ]);
}

/** Comments and CDATA blanked out by equal length, so that offsets stay true and no markup is left inside. */
function withoutComments(text: string): string {
  return text.replace(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g, (m) => ' '.repeat(m.length));
}

function refuseDoctype(source: XmlSource): void {
  if (!source.text.includes('<!DOCTYPE') && !source.text.includes('<!ENTITY')) return;
  const at = withoutComments(source.text).search(/<!(?:DOCTYPE|ENTITY)/);
  if (at >= 0) throw refuse(source, at, xmlErrors.doctype, undefined);
}

const TAG =
  /<(?:(?:!--[\s\S]*?-->)|(?:!\[CDATA\[[\s\S]*?\]\]>)|(\/)|(([^\s/>!?]+)(?:"[^"]*"|'[^']*'|[^>"'])*))/g;

/** Finds the place that is too deep or the element that has no end, when the parser has refused the document. */
function refuseNesting(source: XmlSource): void {
  const open: { readonly name: string; readonly offset: number }[] = [];
  for (const { index: offset, 1: end, 2: start, 3: name = '' } of source.text.matchAll(TAG)) {
    if (end !== undefined) open.pop();
    else if (start !== undefined && !start.endsWith('/')) open.push({ name, offset });
    if (open.length > MAX_DEPTH) throw refuse(source, offset, xmlErrors['too-deep'], { limit: MAX_DEPTH });
  }
  const last = open.at(-1);
  if (last === undefined) return;
  throw refuse(source, last.offset, xmlErrors.malformed, { problem: `<${last.name}> is not closed` });
}

/** XML has no escape for these: nothing that is written with them could be read again. */
function refuseCharacters(source: XmlSource): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const at = source.text.search(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/);
  if (at < 0) return;
  const code = source.text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  throw refuse(source, at, xmlErrors['no-character'], { entity: `U+${code}` });
}

function refuseMalformed(source: XmlSource): void {
  if (source.text.trim() === '') throw refuse(source, 0, xmlErrors.empty, undefined);
  const verdict = XMLValidator.validate(source.text);
  if (verdict === true) return;
  const { file } = source;
  const { msg, line, col } = verdict.err;
  const at = { line, column: Math.max(1, col), offset: 0 };
  // Tags without an end it lists, all of them.
  if (msg.startsWith("Invalid '")) refuseNesting(source);
  // The validator reports a second root as a broken document, at the end of its tag; that has a message of its own.
  if (/multiple.*root/i.test(msg)) refuseSecondRoot(source);
  const problem = diagnose(xmlErrors.malformed, { problem: msg.replace(/\.$/, '') }, { at });
  throw new QdomError([{ ...problem, ...(file !== undefined && { file }) }]);
}

function elementName(node: RawNode): string | undefined {
  for (const key in node) if (key !== ':@' && key[0] !== '#') return key;
  return undefined;
}

function offsetOf(node: RawNode): number {
  return (node[METADATA] as { startIndex?: number } | undefined)?.startIndex ?? 0;
}

function build(node: RawNode, name: string, parent: XmlElement | undefined, source: XmlSource): XmlElement {
  const offset = offsetOf(node);
  const children: XmlElement[] = [];
  const attributes = attributesOf(node, source, offset);
  let text = '';
  const content = (node[name] ?? []) as readonly RawNode[];
  for (const c of content) if (elementName(c) === undefined) text += textOf(c, source, offset);
  const element = new XmlElement({
    name: canonicalName(name, attributes, parent, source),
    tag: name,
    attributes,
    children,
    text,
    parent,
    source,
    offset,
  });
  for (const c of content) {
    const child = elementName(c);
    if (child !== undefined) children.push(build(c, child, element, source));
  }
  return element;
}

/** libvirt's namespaces by the prefix that its documents give them. */
const KNOWN_PREFIXES: Readonly<Record<string, string>> = {
  [QEMU_NAMESPACE]: 'qemu',
};

/** An element of a namespace that libvirt knows has libvirt's prefix, whichever prefix the document uses. */
function canonicalName(
  name: string,
  attributes: Readonly<Record<string, string>>,
  parent: XmlElement | undefined,
  source: XmlSource,
): string {
  if (!source.has(QEMU_NAMESPACE)) return name;
  const colon = name.indexOf(':');
  const prefix = colon < 0 ? undefined : name.slice(0, colon);
  const declared = attributes[prefix === undefined ? 'xmlns' : `xmlns:${prefix}`];
  const known = KNOWN_PREFIXES[declared ?? parent?.namespaceOf(prefix) ?? ''];
  return known === undefined ? name : `${known}:${name.slice(colon + 1)}`;
}

const NO_ATTRIBUTES: Readonly<Record<string, string>> = {};

/** The parser's own object, where nothing in it has to be decoded. */
function attributesOf(node: RawNode, source: XmlSource, offset: number): Readonly<Record<string, string>> {
  const raw = node[':@'];
  if (raw === undefined) return NO_ATTRIBUTES;
  let isPlain = true;
  for (const key in raw) if (raw[key]?.includes('&')) isPlain = false;
  if (isPlain) return raw;
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [key, decodeAt(value, source, offset)]),
  );
}

function textOf(node: RawNode, source: XmlSource, offset: number): string {
  const plain = node['#text'];
  if (plain !== undefined) return decodeAt(String(plain), source, offset);
  return (node['#cdata'] ?? []).map((c) => String(c['#text'] ?? '')).join('');
}

function decodeAt(text: string, source: XmlSource, offset: number): string {
  try {
    return decodeEntities(text);
  } catch (error) {
    if (!(error instanceof UnknownEntity)) throw error;
    const at = source.text.indexOf(error.entity, offset);
    const rule = /^&#\w+;$/.test(error.entity) ? xmlErrors['no-character'] : xmlErrors['unknown-entity'];
    throw refuse(source, at < 0 ? offset : at, rule, { entity: error.entity });
  }
}
