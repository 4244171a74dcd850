import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEVICE_KINDS, SECTION_ENTRIES } from '../../src/compile/domain.ts';
import { compile } from '../../src/compile/index.ts';
import { QdomError } from '../../src/errors/index.ts';
import type { CompileEnv } from '../../src/plan/index.ts';
import { type OutElement, parseXml, printXml, verbatim, type XmlElement } from '../../src/xml/index.ts';
import { goldenEnvironment } from '../golden/environment.ts';

/** XML that the documents show, where it is there. */
const SNIPPETS = fileURLToPath(new URL('../../../shared/spec/snippets', import.meta.url));
export const snippetsAreHere = existsSync(SNIPPETS);

export interface SnippetOutcome {
  readonly name: string;
  /** `other`: it is no part of a domain (a pool, a network). */
  readonly result: 'compiles' | 'refused' | 'other' | 'crash';
  readonly message?: string;
}

export function checkSnippets(): readonly SnippetOutcome[] {
  return readdirSync(SNIPPETS, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.xml'))
    .sort()
    .map(checkSnippet);
}

function checkSnippet(name: string): SnippetOutcome {
  try {
    const text = readFileSync(path.join(SNIPPETS, name), 'utf8');
    const domain = asDomain(text);
    if (domain === undefined) return { name, result: 'other' };
    compile(domain, withNetworks(goldenEnvironment({}), text));
    return { name, result: 'compiles' };
  } catch (error) {
    if (!(error instanceof QdomError))
      return { name, result: 'crash', message: String((error as Error).stack) };
    const { primary } = error;
    const where = primary?.at === undefined ? '' : `${primary.at.line}:${primary.at.column}: `;
    return {
      name,
      result: primary?.class === 'internal' ? 'crash' : 'refused',
      message: `${where}${error.message} [${primary?.code}]`,
    };
  }
}

/** A host on which every network that the text names is a bridge. */
function withNetworks(env: CompileEnv, text: string): CompileEnv {
  const names = [...text.matchAll(/network=['"]([^'"]+)['"]/g)].map(([, name = '']) => name);
  const definition = (name: string) => `<network><name>${name}</name><bridge name='br0'/></network>`;
  const networks = Object.fromEntries(names.map((name) => [name, { definition: definition(name) }]));
  return { ...env, facts: { ...env.facts, networks } };
}

const SECTIONS: ReadonlySet<string> = new Set(SECTION_ENTRIES.map(([name]) => name));
const DEVICES: ReadonlySet<string> = new Set(DEVICE_KINDS);

/** The snippet as it is, if it is a domain; put into one, if it is a part of one. */
function asDomain(text: string): string | undefined {
  const root = parseXml(text);
  const parts = root.name === 'fragment' ? root.children : [root];
  const [first] = parts;
  if (first?.name === 'domain') return printXml(completed(verbatim(first)));
  const inDomain = parts.filter((p) => SECTIONS.has(p.name) || p.name === 'devices');
  const inDevices = parts.filter((p) => DEVICES.has(p.name) && !SECTIONS.has(p.name));
  if (inDomain.length + inDevices.length === 0) return undefined;
  return printXml(wrap(inDomain, inDevices));
}

function wrap(inDomain: readonly XmlElement[], inDevices: readonly XmlElement[]): OutElement {
  const devices: OutElement = { name: 'devices', attributes: [], children: inDevices.map(verbatim) };
  const children = [
    ...inDomain.map(verbatim),
    ...(inDomain.some((e) => e.name === 'devices') ? [] : [devices]),
  ];
  return completed({ name: 'domain', attributes: [['type', 'kvm']], children });
}

/** With the name, memory and machine that a fragment does not show. */
function completed(domain: OutElement): OutElement {
  const has = (name: string) => domain.children.some((c) => c.name === name);
  const type: OutElement = {
    name: 'type',
    attributes: [
      ['arch', 'x86_64'],
      ['machine', 'pc'],
    ],
    children: [],
    text: 'hvm',
  };
  const hasNuma = domain.children.some((c) => c.name === 'cpu' && c.children.some((n) => n.name === 'numa'));
  const missing: OutElement[] = [
    ...(has('name') ? [] : [{ name: 'name', attributes: [], children: [], text: 'snippet' }]),
    ...(has('memory') || hasNuma
      ? []
      : [{ name: 'memory', attributes: [['unit', 'GiB'] as const], children: [], text: '4' }]),
    ...(has('vcpu') ? [] : vcpuOf(domain)),
    ...(has('os') ? [] : [{ name: 'os', attributes: [], children: [type] }]),
  ];
  const children = domain.children.map((c) =>
    c.name === 'os' && !c.children.some((t) => t.name === 'type')
      ? { ...c, children: [type, ...c.children] }
      : c,
  );
  const attributes = domain.attributes.some(([k]) => k === 'type')
    ? domain.attributes
    : [...domain.attributes, ['type', 'kvm'] as const];
  return { ...domain, attributes, children: [...missing, ...children] };
}

/** As many virtual CPUs as the topology of a fragment has places for. */
function vcpuOf(domain: OutElement): OutElement[] {
  const topology = domain.children.find((c) => c.name === 'cpu')?.children.find((c) => c.name === 'topology');
  if (topology === undefined) return [];
  const places = topology.attributes.reduce((product, [, count]) => product * Number(count), 1);
  return [{ name: 'vcpu', attributes: [], children: [], text: String(places) }];
}
