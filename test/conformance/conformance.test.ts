import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Environments, kitIsHere, loadCases } from './cases.ts';
import { checkCase } from './check.ts';

const list = fileURLToPath(new URL('../../fixtures/conformance-passing.txt', import.meta.url));
const passing = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];

describe('recorded definitions with the answers that libvirt gives', () => {
  if (!kitIsHere) it.skip('need the conformance kit beside the project, which is not here');

  it.runIf(kitIsHere)('every case that has passed once passes, and none crashes', () => {
    const environments = new Environments();
    const outcomes = loadCases().flatMap((c) => checkCase(c, environments));
    const now = new Set(outcomes.filter((o) => o.ok).map((o) => `${o.kind} ${o.id}`));
    expect(passing.filter((name) => !now.has(name))).toEqual([]);
    expect(outcomes.filter((o) => o.crash).map((o) => o.id)).toEqual([]);
  });
});
