import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printArgv, type QemuOption } from '../../src/plan/index.ts';
import type { OutElement } from '../../src/xml/index.ts';
import {
  changed,
  compiled,
  elementsOf,
  nastyText,
  SAMPLES,
  type Sample,
  type TreePath,
  withAttribute,
} from './domains.ts';

/** A word that stands nowhere else, and is harmless everywhere. */
const HARMLESS = 'Zq7';

/** A place in a domain where any text may stand: an attribute, or the text of an element if it names none. */
interface Place {
  readonly sample: Sample;
  readonly path: TreePath;
  readonly attribute: string | undefined;
}

/** One that takes the harmless word and passes it on to QEMU. */
interface FreeText extends Place {
  readonly [fc.toStringMethod]: () => string;
  readonly options: readonly ReadOption[];
}

/** QEMU's options whose value is a word as it stands (qemu-system-x86_64 --help); all others are lists of keys, or JSON. */
const PLAIN: ReadonlySet<string> = new Set([
  '-uuid',
  '-bios',
  '-kernel',
  '-initrd',
  '-shim',
  '-append',
  '-incoming',
  '-k',
  '-mem-path',
]);

/** One option as QEMU reads it. */
interface ReadOption {
  readonly option: string;
  readonly keys: readonly string[];
  readonly texts: readonly string[];
}

function read(options: readonly QemuOption[]): readonly ReadOption[] {
  const argv = printArgv(options);
  return options.map(({ value }) => {
    const option = argv.shift() ?? '';
    const entries = value === undefined ? [] : readValue(option, argv.shift() ?? '');
    return { option, keys: entries.map(([key]) => key), texts: entries.map(([, text]) => text) };
  });
}

type Entry = readonly [key: string, text: string];

function readValue(option: string, value: string): readonly Entry[] {
  if (PLAIN.has(option)) return [['', value]];
  if (value.startsWith('{')) return leavesOf(JSON.parse(value), '');
  // Features of a CPU are split at every comma (QEMU: `x86_cpu_parse_featurestr`).
  if (option === '-cpu') return value.split(',').map(entryOf);
  const entries: Entry[] = [];
  for (const [entry] of value.matchAll(/(?:[^,]|,,)+/g)) entries.push(entryOf(entry));
  return entries;
}

/** A comma before the `=` is a part of a value without a key. */
function entryOf(entry: string): Entry {
  const [, key = '', text = ''] = /^(?:([^,=]*)=)?(.*)$/s.exec(entry) ?? [];
  return [key, text.replaceAll(',,', ',')];
}

/** Every value in JSON that holds no other, with the way to it. */
function leavesOf(value: unknown, path: string): readonly Entry[] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, `${path}/${key}`));
}

function optionsWith({ sample, path, attribute }: Place, value: string): readonly ReadOption[] | undefined {
  const root: OutElement = changed(sample.root, path, (element) => [
    attribute === undefined ? { ...element, text: value } : withAttribute(element, attribute, value),
  ]);
  const plan = compiled(root, sample.env);
  return plan && read(plan.options);
}

/** What is a number or a switch is no text. */
const NO_TEXT = /^(\d+|0x[0-9a-f]+|yes|no|on|off)$/i;

/** A place of one name is looked at in so many domains. */
const TRIES = 6;

/** The places of all samples that take the harmless word and pass it on to QEMU. */
function freeTexts(): readonly FreeText[] {
  const tries = new Map<string, number>();
  const places = SAMPLES.flatMap((sample) => placesOf(sample));
  return places.flatMap(({ name, ...place }) => {
    const count = (tries.get(name) ?? 0) + 1;
    tries.set(name, count);
    if (count > TRIES) return [];
    const options = optionsWith(place, HARMLESS);
    const isPassedOn = options?.some(({ texts }) => texts.some((text) => text.includes(HARMLESS)));
    const inWords = () => `${place.sample.name} ${name}`;
    return isPassedOn && options ? [{ ...place, options, [fc.toStringMethod]: inWords }] : [];
  });
}

function placesOf(sample: Sample): readonly (Place & { readonly name: string })[] {
  return [...elementsOf(sample.root)].flatMap(({ element, path, names }) => {
    const values: (readonly [string | undefined, string])[] = [...element.attributes];
    if (element.children.length === 0 && element.text !== undefined) values.push([undefined, element.text]);
    return values
      .filter(([, value]) => !NO_TEXT.test(value))
      .map(([attribute]) => ({ sample, path, attribute, name: `${names}@${attribute ?? ''}` }));
  });
}

/** Letters and signs in their order, without what escapes or encloses them and without space around them. */
function bare(text: string): string {
  return decoded(text).replace(/[\\[\]\s]/g, '');
}

function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

describe('any text in any place', () => {
  const places = freeTexts();

  it('is tried for elements of every sort', () => {
    const folders = new Set(places.map(({ sample }) => sample.name.split('/')[0]));
    expect(places.length).toBeGreaterThan(100);
    expect(folders.size).toBeGreaterThan(15);
  });

  it('is refused, or gives the options and keys that a harmless one gives, with the text in its place', () => {
    let passed = 0;
    fc.assert(
      fc.property(fc.constantFrom(...places), nastyText, (place, text) => {
        fc.pre(text.trim() !== '' && text !== '/');
        const options = optionsWith(place, text);
        if (options === undefined) return;
        passed++;
        const keys = (all: readonly ReadOption[]) => all.map((one) => [one.option, ...one.keys]);
        expect(keys(options)).toEqual(keys(place.options));
        const texts = (all: readonly ReadOption[]) => all.flatMap((one) => one.texts).map(bare);
        const wanted = texts(place.options).map((one) => one.replaceAll(HARMLESS, () => bare(text)));
        expect(texts(options)).toEqual(wanted);
      }),
      { numRuns: 600 },
    );
    expect(passed).toBeGreaterThan(200);
  });
});
