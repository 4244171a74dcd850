import { describe, expect, it } from 'vitest';
import { allRules } from '../../helpers/error-catalogues.ts';

describe('an error of the host side', () => {
  it('says what to do', async () => {
    const ofHost = (await allRules()).filter(({ file }) => file.startsWith('host/'));
    expect(ofHost.length).toBeGreaterThan(90);
    const silent = ofHost.filter(({ rule }) => rule.hint === undefined).map(({ rule }) => rule.code);
    expect(silent).toEqual([]);
  });
});
