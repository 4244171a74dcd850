import { describe, expect, it, vi } from 'vitest';
import { printLazily, readLazily } from '../../../src/qmp/capabilities/lazy-json.ts';

const VALUE = {
  version: { major: 7 },
  'name with\n"signs"': ['a\tb\nc'],
  absent: undefined,
  outer: { inner: { 'x/y': { z: 1 }, empty: {} }, beside: null },
  last: true,
};
const TEXT = printLazily(VALUE, { outer: { inner: {} } });

describe('readLazily', () => {
  it('gives what was printed', () => {
    const { absent: _, ...present } = VALUE;
    const read = readLazily(TEXT);
    expect(read).toEqual(present);
    expect(JSON.parse(JSON.stringify(read))).toEqual(present);
    expect(Object.keys(read)).toEqual(Object.keys(present));
    expect(Object.hasOwn(read, 'absent')).toBe(false);
    expect('outer' in read).toBe(true);
  });

  it('parses a member once, and none that is not asked for', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const { outer } = readLazily(TEXT) as typeof VALUE;
    expect(outer.inner['x/y']).toEqual({ z: 1 });
    expect(outer.inner['x/y']).toBe(outer.inner['x/y']);
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
  });
});
