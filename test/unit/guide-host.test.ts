import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

it('every test and fixture that docs/guide-host.md names is there', () => {
  const page = readFileSync(path.join(ROOT, 'docs/guide-host.md'), 'utf8');
  const named = [...page.matchAll(/`((?:unit|system|lab|fixtures)\/[^`]*)`/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(40);
  const isThere = (name: string) => {
    if (name.startsWith('fixtures/')) return existsSync(path.join(ROOT, name));
    const file = path.join(ROOT, 'test', name);
    if (!name.endsWith('*')) return existsSync(file) || existsSync(`${file}.test.ts`);
    const stem = path.basename(name, '*');
    return readdirSync(path.dirname(file)).some((one) => one.startsWith(stem));
  };
  expect(named.filter((name) => !isThere(name))).toEqual([]);
});
