/**
 * Compares libvirt's RELAX NG grammar of a domain with what the schemas here read, element by element and attribute by
 * attribute, and writes docs/coverage.md. The grammar is not part of the project: its directory is the argument.
 *   npm run coverage -- DIRECTORY [--missing]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { domainSchema } from '../src/compile/domain.ts';
import { parseXml, type XmlElement } from '../src/xml/index.ts';
import type { ElementSchema, Field } from '../src/xml/schema/index.ts';

const [directory, flag] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: coverage.ts DIRECTORY [--missing]');

const wanted = grammarPaths(directory);
/** Elements of which nothing is looked at, and a warning says so. */
const ignored = new Set<string>();
const known = schemaPaths();
const missing = [...wanted].filter((p) => !isCovered(p)).sort();
if (flag === '--missing') console.log(missing.join('\n'));
console.log(`${wanted.size - missing.length} of ${wanted.size} elements and attributes are read`);
writeFileSync(fileURLToPath(new URL('../docs/coverage.md', import.meta.url)), page());

/** Every path that the grammar allows below `domain`: `/domain/devices/disk/@type`. */
function grammarPaths(dir: string): Set<string> {
  const definitions = new Map<string, XmlElement[]>();
  const loaded = new Set<string>();
  const load = (file: string) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    collect(parseXml(readFileSync(path.join(dir, file), 'utf8')));
  };
  const collect = (element: XmlElement) => {
    for (const child of element.children) {
      const name = child.attributes.name ?? '';
      if (child.name === 'define') definitions.set(name, [...(definitions.get(name) ?? []), child]);
      else if (child.name === 'include') {
        load(child.attributes.href ?? '');
        collect(child);
      } else if (child.name === 'div') collect(child);
    }
  };
  load('domain.rng');
  const paths = new Set<string>();
  const walk = (pattern: XmlElement, at: string, stack: readonly string[]) => {
    if (pattern.name === 'element' || pattern.name === 'attribute') named(pattern, at, stack);
    else if (pattern.name === 'ref') referred(pattern.attributes.name ?? '', at, stack);
    else for (const child of pattern.children) walk(child, at, stack);
  };
  const named = (pattern: XmlElement, at: string, stack: readonly string[]) => {
    for (const name of namesOf(pattern)) {
      const here = pattern.name === 'attribute' ? `${at}/@${name}` : `${at}/${name}`;
      // An element that holds itself (a backing chain) is looked at once.
      if (pattern.name === 'element' && isWithin(here, name, 2)) continue;
      paths.add(here);
      if (pattern.name === 'element') for (const child of pattern.children) walk(child, here, stack);
    }
  };
  const referred = (name: string, at: string, stack: readonly string[]) => {
    const key = `${name} ${at}`;
    if (stack.includes(key)) return;
    for (const definition of definitions.get(name) ?? [])
      for (const child of definition.children) walk(child, at, [...stack, key]);
  };
  for (const definition of definitions.get('domain') ?? [])
    for (const child of definition.children) walk(child, '', []);
  return paths;
}

/** Whether the path goes through elements of that name at least so many times. */
function isWithin(path: string, name: string, times = 1): boolean {
  return path.split('/').filter((step) => step === name).length >= times;
}

function namesOf(pattern: XmlElement): readonly string[] {
  const { name } = pattern.attributes;
  if (name !== undefined) return [qualified(pattern, name)];
  return pattern.children.flatMap((c) => {
    if (c.name === 'name') return [qualified(c, c.text.trim())];
    return c.name === 'choice'
      ? c.children.filter((n) => n.name === 'name').map((n) => qualified(n, n.text.trim()))
      : [];
  });
}

/** Elements of QEMU's own namespace carry its prefix here; attributes have none (RELAX NG, section 4.8). */
function qualified(pattern: XmlElement, name: string): string {
  if (pattern.name === 'attribute') return name;
  for (let element: XmlElement | undefined = pattern; element !== undefined; element = element.parent) {
    const { ns } = element.attributes;
    if (ns !== undefined)
      return ns.includes('/qemu/') ? `qemu:${name}` : ns.includes('libvirt.org') ? `other:${name}` : name;
  }
  return name;
}

/** Every path that the schemas read. */
function schemaPaths(): Set<string> {
  const paths = new Set<string>();
  const walk = (schema: ElementSchema<unknown>, at: string) => {
    paths.add(at);
    for (const { fields } of schema.shapes())
      for (const [key, field] of Object.entries(fields)) {
        const { attributes = [], children = [] } = field.claims(key);
        for (const name of attributes) paths.add(`${at}/@${name}`);
        for (const name of children) child(field, name, at);
      }
  };
  const child = ({ nature }: Field<unknown>, name: string, at: string) => {
    const here = `${at}/${name}`;
    paths.add(here);
    if (nature.kind === 'raw' && nature.ignored) ignored.add(`${here}/`);
    if (nature.kind === 'child-attribute') paths.add(`${here}/@${nature.attribute}`);
    if (nature.kind === 'child' && !isWithin(at, name)) walk(nature.schema(), here);
    const mixed = nature.kind === 'mixed' ? nature.schemas[name] : undefined;
    if (mixed !== undefined) walk(mixed, here);
  };
  walk(domainSchema as unknown as ElementSchema<unknown>, '/domain');
  return paths;
}

function isCovered(p: string): boolean {
  return known.has(p) || [...ignored].some((prefix) => p.startsWith(prefix));
}

function page(): string {
  const groups = new Map<string, { all: number; missing: string[] }>();
  for (const p of wanted) {
    const [, , first = '', second = ''] = p.split('/');
    const key = first === 'devices' && second !== '' ? `devices/${second}` : first;
    const group = groups.get(key) ?? { all: 0, missing: [] };
    group.all++;
    if (!isCovered(p)) group.missing.push(p);
    groups.set(key, group);
  }
  const rows = [...groups]
    .filter(([key]) => key !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { all, missing: lacking }]) => `| \`${key}\` | ${all - lacking.length} | ${all} |`);
  return `# Coverage of the format

This page is generated (\`npm run coverage\`) from libvirt 11.3's grammar of a domain and the schemas here. What is read is
either implemented, refused with a message, or ignored with a warning; what is not read is reported as unknown, with its
line. Nothing is dropped silently.

${wanted.size - missing.length} of ${wanted.size} elements and attributes are read.

| element of \`<domain>\` | read | in the grammar |
|---|---|---|
${rows.join('\n')}
${missing.length > 0 ? `\nNot read, because it belongs to other hypervisors (LXC's capabilities and namespaces, bhyve's, Xen's and VMware's own\nelements); it is reported as unknown:\n\n${missing.map((p) => `- \`${p}\``).join('\n')}\n` : ''}`;
}
