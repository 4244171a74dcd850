import type { XmlElement } from './element.ts';
import { escapeAttribute, escapeText } from './entities.ts';

/** An element to print; attributes and children in the order in which they stand. */
export interface OutElement {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: readonly OutElement[];
  readonly text?: string;
}

/** Prints in libvirt's style: two spaces, single quotes, an empty element closed at once, a last newline. */
export function printXml(root: OutElement): string {
  const lines: string[] = [];
  print(root, '', lines);
  return `${lines.join('\n')}\n`;
}

function print(element: OutElement, indent: string, lines: string[]): void {
  const attributes = element.attributes.map(([k, v]) => ` ${k}='${escapeAttribute(v)}'`).join('');
  const open = `${indent}<${element.name}${attributes}`;
  if (element.children.length > 0) {
    lines.push(`${open}>`);
    if (element.text !== undefined && element.text.trim() !== '') lines.push(escapeText(element.text));
    for (const child of element.children) print(child, `${indent}  `, lines);
    lines.push(`${indent}</${element.name}>`);
  } else if (element.text !== undefined && element.text !== '') {
    lines.push(`${open}>${escapeText(element.text)}</${element.name}>`);
  } else {
    lines.push(`${open}/>`);
  }
}

/** An element as it was written, for what is kept word for word (metadata). */
export function verbatim(element: XmlElement): OutElement {
  const hasChildren = element.children.length > 0;
  const text = hasChildren ? element.text.trim() : element.text;
  return {
    name: element.name,
    attributes: Object.entries(element.attributes),
    children: element.children.map(verbatim),
    ...(text !== '' && { text }),
  };
}
