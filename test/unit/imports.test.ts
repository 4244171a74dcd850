import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** What each folder may import of the others. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  lazy: [],
  errors: ['lazy'],
  plan: ['errors'],
  xml: ['lazy', 'errors'],
  compile: ['lazy', 'errors', 'plan', 'xml'],
  qmp: ['errors', 'plan'],
  host: ['errors', 'plan', 'qmp'],
  machine: ['errors', 'plan', 'qmp', 'host'],
  environment: ['lazy', 'errors', 'plan', 'xml', 'compile', 'qmp', 'host', 'machine'],
  cli: ['errors', 'plan', 'xml', 'compile', 'qmp', 'host', 'machine', 'environment'],
};

/** Folders that know nothing of Node: they run wherever JavaScript does. */
const WITHOUT_NODE = ['lazy', 'errors', 'plan', 'xml', 'compile'];

const MAX_LINES = 400;

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
    ([, target = '']) => target,
  );
}

function sourcesOf(folder: string): string[] {
  return readdirSync(path.join(SRC, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(SRC, folder, file));
}

describe.each(WITHOUT_NODE)('src/%s', (folder) => {
  it('imports nothing of Node', () => {
    const wrong = sourcesOf(folder).filter((file) =>
      importsOf(file).some((target) => target.startsWith('node:')),
    );
    expect(wrong).toEqual([]);
  });
});

describe.each(Object.keys(ALLOWED))('src/%s', (folder) => {
  const files = sourcesOf(folder);

  it('imports only what it may', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map(
          (target) => path.relative(SRC, path.resolve(path.dirname(file), target)).split(path.sep)[0] ?? '',
        )
        .filter((other) => other !== folder && !(ALLOWED[folder] ?? []).includes(other))
        .map((other) => `${path.relative(SRC, file)} imports ${other}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has no file that nobody reads in one go', () => {
    const long = files.filter(
      (file) => !file.endsWith('.generated.ts') && readFileSync(file, 'utf8').split('\n').length > MAX_LINES,
    );
    expect(long.map((file) => path.relative(SRC, file))).toEqual([]);
  });
});

/** A source may hold an image that has a source: the only schema that contains itself, in files that name each other. */
const RECURSIVE: ReadonlySet<string> = new Set(
  ['chain', 'network-source', 'source'].map((name) => `compile/shared/storage/${name}.ts`),
);

/** What is there when a file is evaluated would depend on which file of a cycle is imported first. */
it('values are imported in no circle', () => {
  const files = Object.keys(ALLOWED).flatMap(sourcesOf);
  const needs = new Map(files.map((file) => [file, valueImportsOf(file)]));
  const onWay: string[] = [];
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string) => {
    if (done.has(file)) return;
    if (onWay.includes(file)) {
      const circle = onWay.slice(onWay.indexOf(file)).map((one) => path.relative(SRC, one));
      if (!circle.every((one) => RECURSIVE.has(one))) circles.push(circle.join(' → '));
      return;
    }
    onWay.push(file);
    for (const other of needs.get(file) ?? []) visit(other);
    onWay.pop();
    done.add(file);
  };
  for (const file of files) visit(file);
  expect(circles).toEqual([]);
});

function valueImportsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:import|export)\s+(?!type\b)([^;]*?)from\s+'(\.[^']+)';/gm)]
    .filter(([, names = '']) => !/^\{(?:\s*type\s[^,}]+,?)+\s*\}\s*$/.test(names))
    .map(([, , target = '']) => path.resolve(path.dirname(file), target));
}
