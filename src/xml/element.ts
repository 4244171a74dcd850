import type { Diagnostic, SourceLocation } from '../errors/index.ts';

/** The text that elements point into. */
export class XmlSource {
  readonly text: string;
  /** The name the user gave it; undefined for standard input. */
  readonly file: string | undefined;
  readonly #contains = new Map<string, boolean>();
  #lineStarts: readonly number[] | undefined;

  constructor(text: string, file?: string) {
    this.text = text;
    this.file = file;
  }

  /** Whether the text has this in it; asked once for each document. */
  has(text: string): boolean {
    const known = this.#contains.get(text) ?? this.text.includes(text);
    this.#contains.set(text, known);
    return known;
  }

  /** Line and column of an offset. */
  locate(offset: number): SourceLocation {
    this.#lineStarts ??= lineStarts(this.text);
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1, offset };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}

/** Where a diagnostic points: file, XML path, line and column. */
export type Where = Pick<Diagnostic, 'path' | 'file' | 'at'>;

/** One element as it was written, with its place in the text. */
export class XmlElement {
  readonly name: string;
  /** The name as the text has it: another prefix than libvirt's stands for the same namespace. */
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All character data directly inside the element, entities decoded. */
  readonly text: string;
  readonly parent: XmlElement | undefined;
  readonly source: XmlSource;
  /** Offset of the `<`. */
  readonly offset: number;
  #places: ReadonlyMap<XmlElement, string> | undefined;
  #offsets: ReadonlyMap<string, number> | undefined;

  constructor(init: {
    name: string;
    tag?: string;
    attributes: Readonly<Record<string, string>>;
    children: readonly XmlElement[];
    text: string;
    parent: XmlElement | undefined;
    source: XmlSource;
    offset: number;
  }) {
    this.name = init.name;
    this.tag = init.tag ?? init.name;
    this.attributes = init.attributes;
    this.children = init.children;
    this.text = init.text;
    this.parent = init.parent;
    this.source = init.source;
    this.offset = init.offset;
  }

  child(name: string): XmlElement | undefined {
    return this.children.find((c) => c.name === name);
  }

  /** The namespace that the element's prefix stands for; undefined if it has none, or one that is not declared. */
  get namespace(): string | undefined {
    const colon = this.tag.indexOf(':');
    return this.namespaceOf(colon < 0 ? undefined : this.tag.slice(0, colon));
  }

  /** What a prefix stands for here; without one, the default namespace. */
  namespaceOf(prefix: string | undefined): string | undefined {
    const declaration = prefix === undefined ? 'xmlns' : `xmlns:${prefix}`;
    for (let element: XmlElement | undefined = this; element !== undefined; element = element.parent) {
      const uri = element.attributes[declaration];
      if (uri !== undefined) return uri;
    }
    return undefined;
  }

  /** `/domain/devices/disk[2]`; the index only where siblings share the name. */
  get path(): string {
    if (this.parent === undefined) return `/${this.name}`;
    const index = this.parent.#place(this);
    return `${this.parent.path}/${this.name}${index}`;
  }

  /** `[2]` for a child whose name siblings share. The children are counted once, so that all paths cost as much as one. */
  #place(child: XmlElement): string {
    this.#places ??= countByName(this.children);
    return this.#places.get(child) ?? '';
  }

  /** The place of the element, or of one of its attributes. */
  where(attribute?: string): Where {
    const offset = attribute === undefined ? this.offset : this.#attributeOffset(attribute);
    const path = attribute === undefined ? this.path : `${this.path}/@${attribute}`;
    const { file } = this.source;
    return { path, ...(file !== undefined && { file }), at: this.source.locate(offset) };
  }

  #attributeOffset(attribute: string): number {
    this.#offsets ??= attributeOffsets(this.source.text, this.offset + 1 + this.tag.length);
    return this.#offsets.get(attribute) ?? this.offset;
  }
}

/** Where the attributes of a start tag are, found once for all of them. */
function attributeOffsets(text: string, from: number): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  // Quoted values are skipped whole, so that a name inside a value is never taken for the attribute.
  const token = /\s+([^\s=>/"']+)\s*=\s*(?:"[^"]*"|'[^']*')/gy;
  token.lastIndex = from;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [whole, name = ''] = match;
    offsets.set(name, match.index + whole.length - whole.trimStart().length);
  }
  return offsets;
}

function countByName(children: readonly XmlElement[]): ReadonlyMap<XmlElement, string> {
  const byName = new Map<string, XmlElement[]>();
  for (const child of children) {
    const twins = byName.get(child.name);
    if (twins === undefined) byName.set(child.name, [child]);
    else twins.push(child);
  }
  const places = new Map<XmlElement, string>();
  for (const twins of byName.values())
    if (twins.length > 1) for (const [i, twin] of twins.entries()) places.set(twin, `[${i + 1}]`);
  return places;
}

/** The element that a value was read from; schemas put it on every object they read. */
export const SOURCE: unique symbol = Symbol('source element');

/** The element for whose sake a value is there that nobody wrote: the controller that a disk needs. */
export const CAUSE: unique symbol = Symbol('element that this is for');

export interface Sourced {
  readonly [SOURCE]?: XmlElement | undefined;
  readonly [CAUSE]?: XmlElement | undefined;
}

/**
 * The place of a value read by a schema, or of something below it: names lead to children, a last `@name` to
 * an attribute. What is not there gives the nearest thing that is. An implied value has the place of what it is there
 * for, if anything.
 */
export function whereIs(value: Sourced | undefined, ...path: readonly string[]): Where {
  let element = value?.[SOURCE];
  if (element === undefined) return value?.[CAUSE]?.where() ?? {};
  for (const step of path) {
    if (step.startsWith('@'))
      return element.where(step.slice(1) in element.attributes ? step.slice(1) : undefined);
    const child = element.child(step);
    if (child === undefined) break;
    element = child;
  }
  return element.where();
}
