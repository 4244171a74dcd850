import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { compile } from '../../src/compile/index.ts';
import { QdomError } from '../../src/errors/index.ts';
import type { CompileEnv, Plan } from '../../src/plan/index.ts';
import { type OutElement, parseXml, printXml, verbatim } from '../../src/xml/index.ts';
import { listGoldens } from '../golden/cases.ts';
import { directivesOf, goldenEnvironment } from '../golden/environment.ts';

/** A domain that compiles, to make others of. */
export interface Sample {
  readonly name: string;
  /** A counterexample is told by its name: it would print the whole environment. */
  readonly [fc.toStringMethod]: () => string;
  readonly root: OutElement;
  readonly env: CompileEnv;
}

/** The domain of every golden that is accepted. */
export const SAMPLES: readonly Sample[] = listGoldens()
  .filter(({ mustFail }) => !mustFail)
  .map(({ kind, name, input }) => {
    const text = readFileSync(input, 'utf8');
    return {
      name: `${kind}/${name}`,
      [fc.toStringMethod]: () => `${kind}/${name}`,
      root: verbatim(parseXml(text)),
      env: goldenEnvironment(directivesOf(text)),
    };
  });

/** The plan; undefined where the domain is refused. Anything else that is thrown is a bug. */
export function compiled(root: OutElement, env: CompileEnv): Plan | undefined {
  try {
    return compile(printXml(root), env);
  } catch (error) {
    if (!(error instanceof QdomError)) throw error;
    const bugs = error.diagnostics.filter((d) => d.class === 'internal');
    if (bugs.length > 0) throw new Error(`told as a bug: ${bugs[0]?.message}`, { cause: error });
    return undefined;
  }
}

/** Text that has hurt somebody: separators of QEMU's and of shells, quotes, markup, other alphabets. */
export const NASTY_TEXTS: readonly string[] = [
  ',',
  ',,',
  '=',
  'a=b,c=d',
  ',server=on',
  ',id=x,,y=z',
  "'",
  '"',
  '","driver":"x',
  '\\',
  '\n',
  '\t',
  ' -S ',
  '$(x)',
  '&<>',
  '-S',
  'ä☃😀',
  '/',
  '..',
  '%d',
  ':',
  ';',
  '@',
  '?a#b',
];

export const nastyText: fc.Arbitrary<string> = fc
  .oneof(fc.constantFrom(...NASTY_TEXTS), fc.string({ unit: 'binary', maxLength: 12 }))
  .map(xmlText);

/** Without the characters that no XML document can hold. */
function xmlText(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}

/** The steps from an element to one below it, by position. */
export type TreePath = readonly number[];

/** Every element of a tree, and the way to it by position and by name. */
export function* elementsOf(
  element: OutElement,
  path: TreePath = [],
  above = '',
): Generator<{ readonly element: OutElement; readonly path: TreePath; readonly names: string }> {
  const names = `${above}/${element.name}`;
  yield { element, path, names };
  for (const [i, child] of element.children.entries()) yield* elementsOf(child, [...path, i], names);
}

/** The tree with one element changed; gone if the change gives none, several in its place if it gives several. */
export function changed(
  root: OutElement,
  [first, ...rest]: TreePath,
  change: (element: OutElement) => readonly OutElement[],
): OutElement {
  if (first === undefined) return change(root)[0] ?? root;
  const children = root.children.flatMap((child, i) => {
    if (i !== first) return [child];
    return rest.length === 0 ? change(child) : [changed(child, rest, change)];
  });
  return { ...root, children };
}

/** The element with one attribute, wherever it stood, or stood not. */
export function withAttribute(element: OutElement, name: string, value: string): OutElement {
  const has = element.attributes.some(([key]) => key === name);
  const attributes = element.attributes.map(([key, old]) => [key, key === name ? value : old] as const);
  return { ...element, attributes: has ? attributes : [...attributes, [name, value]] };
}

export function attributeOf(element: OutElement, name: string): string | undefined {
  return element.attributes.find(([key]) => key === name)?.[1];
}

export function childOf(element: OutElement, name: string): OutElement | undefined {
  return element.children.find((child) => child.name === name);
}
