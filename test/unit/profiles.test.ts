import { describe, expect, it } from 'vitest';
import { desktop } from '../../bench/domains.ts';
import { compile } from '../../src/compile/index.ts';
import { printArgv } from '../../src/plan/index.ts';
import { goldenEnvironment } from '../golden/environment.ts';

const argv = (profile: string) => printArgv(compile(desktop(), goldenEnvironment({ profile })).options);

/** Options with their values, as one text each. */
function pairs(words: readonly string[]): string[] {
  const text: string[] = [];
  for (const word of words) {
    if (word.startsWith('-') || text.length === 0) text.push(word);
    else text.push(`${text.pop()} ${word}`);
  }
  return text;
}

describe('what qdom runs and what libvirt would run', () => {
  it('differ in the monitor, the life cycle and paths, and in nothing else', () => {
    const [ours, theirs] = [pairs(argv('qdom')), pairs(argv('libvirt'))];
    const names = (options: readonly string[]) =>
      options.map((o) => o.replace(/[,{ ]?"?(path|file|fd).*/, ''));
    expect(names(theirs.filter((o) => !ours.includes(o)))).toEqual([
      '-object {"qom-type":"secret","id":"masterKey0","format":"raw"',
      '-chardev socket,id=charmonitor',
      '-no-shutdown',
    ]);
    expect(ours.filter((o) => !theirs.includes(o)).map((o) => o.split(',')[0])).toEqual([
      '-chardev socket',
      '-chardev pipe',
      '-mon chardev=charevents',
      '-action reboot=reset',
    ]);
  });
});
