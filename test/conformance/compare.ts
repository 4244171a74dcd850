import { isDeepStrictEqual } from 'node:util';
import { parseXml, type XmlElement } from '../../src/xml/index.ts';

/** One option with its value in canonical form: the order of keys inside a value does not count. */
export function canonicalArgv(argv: readonly string[], xml: string): string[] {
  const options: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    const next = argv[i + 1];
    if (!word.startsWith('-') || next === undefined || /^-(?!\d)/.test(next)) {
      options.push(word);
      continue;
    }
    const masked = word === '-uuid' && !xml.includes('<uuid>') ? 'MASKED' : canonicalValue(next, xml);
    options.push(`${word} ${masked}`);
    i++;
  }
  return options;
}

const DESCRIPTOR_KEYS = new Set(['fd', 'fds', 'vhostfd', 'vhostfds']);

function canonicalValue(value: string, xml: string): string {
  if (value.startsWith('{')) return JSON.stringify(canonicalJson(JSON.parse(value), xml));
  if (!/[,=]/.test(value)) return value;
  const [first, ...rest] = value.split(/(?<!,),(?!,)/).map((part) => {
    const [, key, text] = /^([a-z-]+)=(.*)$/s.exec(part) ?? [];
    return key !== undefined && DESCRIPTOR_KEYS.has(key) ? `${key}=${maskDescriptors(text ?? '')}` : part;
  });
  return [first, ...rest.sort()].join(',');
}

function maskDescriptors(value: string): string {
  return value.replace(/\d+/g, 'N');
}

function canonicalJson(value: unknown, xml: string): unknown {
  if (Array.isArray(value)) return value.map((v) => canonicalJson(v, xml));
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Record<string, unknown>;
  const isSecret = object['qom-type'] === 'secret';
  return Object.fromEntries(
    Object.entries(object)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => {
        if (isSecret && (key === 'data' || key === 'iv')) return [key, 'MASKED'];
        if (key === 'mac' && !xml.toLowerCase().includes(String(member).toLowerCase()))
          return [key, 'MASKED'];
        if (DESCRIPTOR_KEYS.has(key) && typeof member !== 'object')
          return [key, maskDescriptors(String(member))];
        return [key, canonicalJson(member, xml)];
      }),
  );
}

/** The words of a POSIX shell command without the environment and the binary. */
export function recordedArgv(text: string): string[] {
  const words = [...text.matchAll(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\[^\n]|[^\s\\'"])+/g)].map(([word]) =>
    word.replace(
      /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
      (_, single, double, escaped) => single ?? double?.replace(/\\(.)/g, '$1') ?? escaped,
    ),
  );
  return words.slice(words.findIndex((w) => !/^[A-Z_]+=/.test(w)) + 1);
}

/** Lines that tell the two apart; empty if they are equal. */
export function diffLists(got: readonly string[], want: readonly string[]): string[] {
  if (isDeepStrictEqual(got, want)) return [];
  const missing = want.filter((w) => !got.includes(w)).map((w) => `- ${w}`);
  const surplus = got.filter((g) => !want.includes(g)).map((g) => `+ ${g}`);
  if (missing.length + surplus.length > 0) return [...missing, ...surplus];
  const first = want.findIndex((w, i) => got[i] !== w);
  return [`! same options, other order from ${first}: wanted ${want[first]}`, `!   got ${got[first]}`];
}

/** Where two documents differ as trees, children in order, attributes in any. */
export function diffXml(got: string, want: string): string[] {
  const difference = firstDifference(parseXml(got), parseXml(want));
  return difference === undefined ? [] : [difference];
}

function firstDifference(got: XmlElement, want: XmlElement): string | undefined {
  const tag = (e: XmlElement | undefined) =>
    e === undefined
      ? 'nothing'
      : `<${e.name} ${Object.entries(e.attributes)
          .map(([k, v]) => `${k}='${v}'`)
          .sort()
          .join(' ')}>${e.text.trim()}`;
  if (tag(got) !== tag(want)) return `${want.path}: got ${tag(got)}, wanted ${tag(want)}`;
  for (let i = 0; i < Math.max(got.children.length, want.children.length); i++) {
    const [a, b] = [got.children[i], want.children[i]];
    if (a === undefined || b === undefined)
      return `${want.path}: child ${i + 1}: got ${tag(a)}, wanted ${tag(b)}`;
    const difference = firstDifference(a, b);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
