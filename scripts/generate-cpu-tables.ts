/**
 * Writes src/compile/sections/cpu/tables.generated.ts: which x86 CPU models there are and which features each has.
 * The facts are those of libvirt's CPU map, so that models and features mean the same here.
 *   npx tsx scripts/generate-cpu-tables.ts DIRECTORY-OF-THE-CPU-MAP
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseXml, type XmlElement } from '../src/xml/index.ts';

/** Features whose name in QEMU is not libvirt's with dashes. */
const QEMU_NAMES: Readonly<Record<string, string>> = {
  pclmuldq: 'pclmulqdq',
  'vmx-invvpid-single-context-noglobals': 'vmx-invept-single-context-noglobals',
};

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('the directory of the CPU map is needed');

interface Model {
  readonly name: string;
  readonly vendor: string;
  readonly signatures: readonly string[];
  /** It may stand for a host's CPU. */
  readonly standsForHost: boolean;
  /** Whether a host can run it is told from its features; of all others QEMU says what it lacks here. */
  readonly checkedByFeatures: boolean;
  readonly features: ReadonlySet<string>;
  /** Features that were added to the map later: a host without them can still be this model. */
  readonly added: ReadonlySet<string>;
  /** Features that it had once and has no more: QEMU's model of that name may still have them. Never inherited. */
  readonly removed: ReadonlySet<string>;
}

const features = read('x86_features').children.filter((c) => c.name === 'feature');
const positions = new Map(features.map((f, index) => [attribute(f, 'name'), index]));
const models = new Map<string, Model>();
for (const name of modelNames()) readModel(name);
write();

function read(name: string): XmlElement {
  return parseXml(readFileSync(path.join(directory ?? '', `${name}.xml`), 'utf8'));
}

function attribute(element: XmlElement, name: string): string {
  const value = element.attributes[name];
  if (value === undefined) throw new Error(`<${element.name}> without ${name}`);
  return value;
}

function modelNames(): readonly string[] {
  const arch = read('index').children.find((c) => c.attributes.name === 'x86');
  return (arch?.children ?? [])
    .filter((c) => c.name === 'group')
    .flatMap((group) => group.children.map((c) => attribute(c, 'filename').replace(/^x86_|\.xml$/g, '')));
}

function readModel(name: string): Model {
  const known = models.get(name);
  if (known !== undefined) return known;
  const element = read(`x86_${name}`).child('model');
  if (element === undefined) throw new Error(`no model in ${name}`);
  const base = element.child('model');
  const ancestor = base && readModel(attribute(base, 'name'));
  const all = element.children.filter((c) => c.name === 'feature');
  const listed = all.filter((f) => f.attributes.removed !== 'yes');
  const names = (list: readonly XmlElement[]) => list.map((f) => attribute(f, 'name'));
  const signatures = element.children
    .filter((c) => c.name === 'signature')
    .map((s) => `${attribute(s, 'family')}:${attribute(s, 'model')}`);
  const model: Model = {
    name,
    vendor: element.child('vendor')?.attributes.name ?? ancestor?.vendor ?? '',
    signatures: signatures.length > 0 ? signatures : (ancestor?.signatures ?? []),
    standsForHost: element.child('decode')?.attributes.guest !== 'off',
    checkedByFeatures: element.child('check')?.attributes.partial === 'compat',
    features: new Set([...(ancestor?.features ?? []), ...names(listed)]),
    added: new Set([
      ...(ancestor?.added ?? []),
      ...names(listed.filter((f) => f.attributes.added === 'yes')),
    ]),
    removed: new Set(names(all.filter((f) => f.attributes.removed === 'yes'))),
  };
  models.set(name, model);
  return model;
}

function bits(set: ReadonlySet<string>): string {
  let mask = 0n;
  for (const name of set) {
    const position = positions.get(name);
    if (position === undefined) throw new Error(`unknown feature ${name}`);
    mask |= 1n << BigInt(position);
  }
  return mask.toString(16);
}

function featureLine(feature: XmlElement): string {
  const name = attribute(feature, 'name');
  const alias = QEMU_NAMES[name];
  return `${name}${alias === undefined ? '' : `=${alias}`}${feature.attributes.migratable === 'no' ? '!' : ''}`;
}

/** `name vendor signatures flags features added removed`; a model like another has `=other` for features and added. */
function modelLines(): readonly string[] {
  const byContent = new Map<string, string>();
  return [...models.values()].map((model) => {
    const content = `${bits(model.features)} ${bits(model.added)}`;
    const twin = byContent.get(content);
    if (twin === undefined) byContent.set(content, model.name);
    return [
      model.name,
      model.vendor || '-',
      model.signatures.join(',') || '-',
      `${model.standsForHost ? '+' : '-'}${model.checkedByFeatures ? '' : 'q'}`,
      twin === undefined ? content : `=${twin}`,
      bits(model.removed),
    ].join(' ');
  });
}

function write(): void {
  const file = fileURLToPath(new URL('../src/compile/sections/cpu/tables.generated.ts', import.meta.url));
  const text = `// Generated by scripts/generate-cpu-tables.ts from the facts of libvirt's CPU map: do not edit.

/** Every x86 CPU feature: libvirt's name, \`=\` QEMU's where it is another, \`!\` where it keeps a guest from migrating. */
export const CPU_FEATURES =
  '${features.map(featureLine).join(' ')}';

/**
 * Every CPU model, one a line: name, vendor, signatures (family:model), \`+\` if it may stand for a host's CPU and \`q\` if QEMU is
 * asked what it lacks, and as hexadecimal numbers whose bits are positions in CPU_FEATURES its features and those of them that were
 * added later, or \`=\` a model that has the same, and those that it has no more.
 */
export const CPU_MODELS = \`
${modelLines().join('\n')}
\`;
`;
  writeFileSync(file, text);
}
