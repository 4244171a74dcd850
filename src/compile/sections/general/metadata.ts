import { type OutElement, verbatim, type XmlElement } from '../../../xml/index.ts';
import { raw } from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';
import { generalErrors } from './errors.ts';

/** Format: "General metadata". Applications keep one element each, of a namespace of their own. */
export const metadata: SectionModule<XmlElement | undefined> = {
  field: raw(write),
  resolve: (value, cx) => {
    const kept = new Set(value === undefined ? [] : ownElements(value));
    for (const child of value?.children ?? []) {
      if (kept.has(child)) continue;
      const rule = child.namespace === undefined ? 'metadata-without-namespace' : 'repeated-metadata';
      cx.report.add(generalErrors[rule], { name: child.name }, child.where());
    }
    return kept.size === 0 ? undefined : value;
  },
};

/** The first element of each namespace. */
function ownElements(element: XmlElement): readonly XmlElement[] {
  const first = new Map<string, XmlElement>();
  for (const child of element.children) {
    const { namespace } = child;
    if (namespace !== undefined && !first.has(namespace)) first.set(namespace, child);
  }
  return [...first.values()];
}

function write(element: XmlElement): OutElement {
  return { name: element.name, attributes: [], children: ownElements(element).map(withDeclaration) };
}

/** An element word for word, with the namespace that one above it declares. */
function withDeclaration(element: XmlElement): OutElement {
  const out = verbatim(element);
  const colon = element.name.indexOf(':');
  const name = colon < 0 ? 'xmlns' : `xmlns:${element.name.slice(0, colon)}`;
  if (element.namespace === undefined || name in element.attributes) return out;
  return { ...out, attributes: [[name, element.namespace], ...out.attributes] };
}
