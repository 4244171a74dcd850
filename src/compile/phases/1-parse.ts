import { parseXml, XmlElement } from '../../xml/index.ts';
import { Reader } from '../../xml/schema/index.ts';
import { domainSchema, NO_DEVICES, type ParsedDomain } from '../domain.ts';
import { compileErrors } from '../errors.ts';
import type { Report } from '../report.ts';

/** Sections that libvirt looks through for what they hold, however many of them there are. */
const MERGED: ReadonlySet<string> = new Set([
  ...['devices', 'os', 'features', 'clock', 'pm', 'perf', 'idmap', 'vcpus', 'iothreadids', 'throttlegroups'],
  ...['blkiotune', 'memtune', 'memoryBacking', 'cputune'],
  ...['qemu:commandline', 'qemu:capabilities', 'qemu:override'],
]);

/** The domain with one of each such section, which has the first one's attributes and what all of them hold. */
function withMergedSections(root: XmlElement, report: Report): XmlElement {
  const merged = new Map<string, XmlElement[]>();
  for (const child of root.children)
    if (MERGED.has(child.name)) merged.set(child.name, [...(merged.get(child.name) ?? []), child]);
  if ([...merged.values()].every(({ length }) => length === 1)) return root;
  const children = root.children.flatMap((child) => {
    const all = merged.get(child.name) ?? [child];
    if (all[0] !== child) {
      tellAttributes(child, report);
      return [];
    }
    return all.length === 1
      ? [child]
      : [new XmlElement({ ...child, children: all.flatMap((c) => c.children) })];
  });
  return new XmlElement({ ...root, children });
}

/** Only the content of a second section is taken. */
function tellAttributes(second: XmlElement, report: Report): void {
  for (const attribute of Object.keys(second.attributes)) {
    const params = { attribute, name: second.name };
    report.add(compileErrors['attribute-of-second-section'], params, second.where(attribute));
  }
}

/** Text to a typed domain: shape, names and values of single attributes are checked, nothing is filled in. */
export function parse(text: string, file: string | undefined, report: Report): ParsedDomain {
  const root = parseXml(text, file);
  if (root.name !== 'domain') {
    report.add(compileErrors['not-a-domain'], { name: root.name }, root.where());
    report.end();
  }
  const reader = new Reader();
  const parsed = domainSchema.read(withMergedSections(root, report), reader);
  report.addAll(reader.diagnostics);
  report.end();
  return { ...parsed, devices: parsed.devices ?? NO_DEVICES } as ParsedDomain;
}
