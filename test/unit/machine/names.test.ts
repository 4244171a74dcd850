import { describe, expect, it } from 'vitest';
import { checkName } from '../../../src/machine/names.ts';

describe('a domain name', () => {
  it.each(['guest', 'a,b', `it's "quoted"`, 'имя', '-x', '.hidden', 'x'.repeat(200)])('may be %j', (name) => {
    expect(() => checkName(name)).not.toThrow();
  });

  it.each([
    ['', /is empty/],
    ['  ', /is empty/],
    ['.', /is a directory/],
    ['..', /is a directory/],
    ['../../etc/passwd', /contains '\/'/],
    ['two\nlines', /'two\\nlines' contains a control character/],
    ['nul\0', /control character/],
    // CSI in one byte of Latin-1: a terminal may take it for an escape.
    ['\u009b31m', /control character/],
    // The rest of the line would be shown backwards.
    ['\u202egnp', /'\\u202egnp' contains a control character/],
    ['é'.repeat(101), /longer than 200 bytes/],
    ['x'.repeat(300), /^domain name 'x{60}…' is longer/],
  ])('may not be %j', (name, message) => {
    expect(() => checkName(name)).toThrow(message);
  });
});
