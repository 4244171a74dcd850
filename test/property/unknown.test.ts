import { expect, it } from 'vitest';
import { printArgv } from '../../src/plan/index.ts';
import type { OutElement } from '../../src/xml/index.ts';
import { changed, compiled, elementsOf, SAMPLES, withAttribute } from './domains.ts';

it('an attribute that nobody knows is told, and changes nothing, on whichever element it stands', () => {
  const wrong: string[] = [];
  for (const { name, root, env } of SAMPLES) {
    const argvOf = (domain: OutElement) => {
      const plan = compiled(domain, env);
      return plan && { argv: printArgv(plan.options), isTold: plan.warnings.length > 0 };
    };
    const expected = argvOf(root)?.argv;
    if (expected === undefined) continue;
    for (const { path, names } of elementsOf(root)) {
      const seen = argvOf(changed(root, path, (one) => [withAttribute(one, 'unheard-of', '1')]));
      // What applications keep in <metadata> is theirs.
      const isTold = seen?.isTold || names.startsWith('/domain/metadata');
      if (!isTold || seen?.argv.join('\n') !== expected.join('\n')) wrong.push(`${name}: ${names}`);
    }
  }
  expect(wrong).toEqual([]);
});
