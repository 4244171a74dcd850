import { describe, expect, it } from 'vitest';
import { findDirectories } from '../../../src/machine/directories.ts';
import { cleanUp, lastEnd } from '../../../src/machine/end.ts';
import { machineFiles } from '../../../src/machine/files.ts';
import { newState, writeState } from '../../../src/machine/state.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const directories = findDirectories({ root: '/r', uid: 0, home: '/', env: {} });
const files = machineFiles(directories, 'g');

/** A machine whose QEMU is gone; a power cut may have damaged any of its files. */
function deadMachine(damaged: Readonly<Record<string, string | null>> = {}) {
  const host = new FakeHost({
    [files.directory]: null,
    '/proc/sys/kernel/random/boot_id': 'b\n',
    ...damaged,
  });
  if (damaged[files.state] === undefined)
    writeState(host, files, {
      ...newState(host, { name: 'g', uuid: 'u' }),
      phase: 'running',
    });
  return { host, directories, reapCommand: [] };
}

describe('cleaning up after a dead machine', () => {
  it.each([
    ['nothing', {}],
    ['the plan', { [files.plan]: '{"format":1,"na' }],
    ['an empty plan', { [files.plan]: '' }],
    ['a plan that is none', { [files.plan]: 'null' }],
    ['the exit status', { [files.exit]: '{"sta' }],
    ['an exit status that is none', { [files.exit]: '{"status":"x"}' }],
    ['the flight record', { [files.eventsOut]: '{"event":"SHUTDOWN","data":{"rea' }],
    ['the note of who QEMU is', { [files.qemuStat]: '17 (qe' }],
    ['the state', { [files.state]: '' }],
    ['the last line of the journal', { [files.journal]: '{"op":"intent","step":0,"ty' }],
  ])('works with %s damaged', async (_, damaged) => {
    const cx = deadMachine(damaged);
    await cleanUp(cx, 'g');
    expect(cx.host.status(files.directory)).toBeUndefined();
    expect(await cleanUp(cx, 'g')).toBeUndefined();
  });

  it('keeps the directory and says why when a step cannot be undone, and the next try does it', async () => {
    const entry = { op: 'intent', step: 0, type: 'directory', record: { made: ['/r/made'] } };
    const cx = deadMachine({ '/r/made': null, [files.journal]: `${JSON.stringify(entry)}\n` });
    cx.host.inject('fail', 1);
    await expect(cleanUp(cx, 'g')).rejects.toThrow(/what domain 'g' left on the host cannot be undone/);
    expect(cx.host.status(files.directory)).toBeDefined();
    expect((await cleanUp(cx, 'g'))?.end.reason).toBe('failed');
    expect(cx.host.status('/r/made')).toBeUndefined();
    expect(lastEnd(cx, 'g')?.reason).toBe('failed');
  });
});
