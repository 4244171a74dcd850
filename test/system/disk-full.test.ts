import { beforeAll, describe, expect, it } from 'vitest';
import { hasQemu, noQemu } from '../helpers/machines.ts';
import { inNamespace, noNamespaces } from '../helpers/namespace.ts';

const why = hasQemu ? noNamespaces() : noQemu;

describe.skipIf(why !== undefined)(`a full disk${why === undefined ? '' : ` (${why})`}`, () => {
  let seen: Record<string, unknown> = {};
  beforeAll(async () => {
    seen = await inNamespace(new URL('scenarios/disk-full.ts', import.meta.url));
  }, 120_000);

  it('of logs keeps no machine from being ended, cleaned up and started again', () => {
    expect(seen.endWithoutRecord).toMatchObject({
      reason: 'destroyed',
      recordError: expect.stringContaining('ENOSPC'),
    });
    expect(seen.leftWithoutRecord).toBe(false);
    expect(seen.startWithoutRecord).toBe('g');
    expect(seen.warning).toMatch(/^qdom: warning: domain 'g' has ended, and its record .*ENOSPC/);
  });

  it('of running machines lets none start, and none is left of one that could not', () => {
    expect(seen.failures).not.toEqual([]);
    for (const failure of seen.failures as unknown[]) expect(failure).toMatch(/ENOSPC|ended without a word/);
    expect(seen.left).toBe(false);
  });

  it('never leaves half a line in a journal', () => {
    expect(seen.torn).toEqual(['ENOSPC', 'ENOSPC']);
    expect([seen.lines, seen.steps]).toEqual([1, 1]);
  });

  it('is no bug of ours', () => {
    expect(JSON.parse(String(seen.refused))).toMatchObject({
      class: 'failed',
      message: expect.stringContaining('ENOSPC'),
    });
  });
});
