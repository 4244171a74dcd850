import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSteps, writeEntry } from '../../../src/host/journal.ts';
import { realHost } from '../../../src/host/real.ts';
import { nodeWithTypeScript } from '../../helpers/machines.ts';

const host = realHost();
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('files that something has gone wrong with', () => {
  it('a line that a power cut has cut off does not spoil those that follow', () => {
    const journal = join(root, 'journal');
    writeEntry(host, journal, { op: 'intent', step: 0, type: 'directory', record: { made: ['/a'] } });
    const whole = readFileSync(journal, 'utf8');
    writeFileSync(journal, `${whole}{"op":"intent","step":1,"ty`);
    expect(openSteps(host, journal)).toHaveLength(1);
    writeEntry(host, journal, { op: 'undone', step: 0 });
    expect(openSteps(host, journal)).toEqual([]);
    expect(readFileSync(journal, 'utf8')).toBe(`${whole}{"op":"undone","step":0}\n`);
  });

  it('nothing is left beside a file that cannot be written: it may be half a secret', () => {
    const path = join(root, 'secret');
    mkdirSync(path);
    expect(() => host.writeFile(path, 'secret', 0o600)).toThrow();
    expect(readdirSync(root)).toEqual(['secret']);
  });

  it('a process without a descriptor to spare does not take a file that is there for one that is not', async () => {
    const script = `
      import { openSync } from 'node:fs';
      import { realHost } from '${new URL('../../../src/host/real.ts', import.meta.url).href}';
      const host = realHost();
      try { for (;;) openSync('/dev/null'); } catch {}
      try { console.log(host.readText('/proc/self/stat')); } catch (error) { console.log(error.code); }`;
    const file = join(root, 'script.mts');
    writeFileSync(file, script);
    const { stdout } = await execa('sh', [
      '-c',
      'ulimit -n 100; exec "$@"',
      'sh',
      ...nodeWithTypeScript,
      file,
    ]);
    expect(stdout).toBe('EMFILE');
  });
});
