import { describe, expect, it } from 'vitest';
import { defineMachine } from '../../../src/machine/definitions.ts';
import { findDirectories } from '../../../src/machine/directories.ts';
import { machineFiles } from '../../../src/machine/files.ts';
import { machineName } from '../../../src/machine/find.ts';
import { newState, writeState } from '../../../src/machine/state.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const directories = findDirectories({ root: '/r', uid: 0, home: '/', env: {} });
const DEFINED = '6f2b4a52-2d5c-4d27-9d5b-3f6f1f6c0a05';
const RUNNING = 'ffb0d7c9-5834-48d1-b36f-77db0f401815';

async function context() {
  const files = machineFiles(directories, 'runs');
  const host = new FakeHost({ [files.directory]: null, '/proc/sys/kernel/random/boot_id': 'b' });
  const cx = { directories, host, reapCommand: [] };
  await defineMachine(cx, {
    name: 'kept',
    uuid: DEFINED,
    domainXml: `<domain><uuid>${DEFINED}</uuid></domain>`,
  });
  writeState(host, files, { ...newState(host, { name: 'runs', uuid: RUNNING }), phase: 'running' });
  return cx;
}

describe('the machine that is meant', () => {
  it.each([
    ['kept', 'kept'],
    [DEFINED, 'kept'],
    [DEFINED.toUpperCase(), 'kept'],
    [DEFINED.replaceAll('-', ''), 'kept'],
    [RUNNING, 'runs'],
    ['nobody', 'nobody'],
    ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
  ])('by %s is %s', async (reference, name) => {
    expect(machineName(await context(), reference)).toBe(name);
  });

  it('by a name that looks like a UUID is the one of that name', async () => {
    const cx = await context();
    await defineMachine(cx, { name: RUNNING, uuid: 'u', domainXml: '<domain><uuid>u</uuid></domain>' });
    expect(machineName(cx, RUNNING)).toBe(RUNNING);
  });
});
