import { describe, expect, it } from 'vitest';
import { QdomError } from '../../../src/errors/index.ts';
import { cleanUp } from '../../../src/machine/end.ts';
import { machineFiles } from '../../../src/machine/files.ts';
import {
  defineMachine,
  dumpXml,
  findDirectories,
  listMachines,
  readDefinition,
  undefineMachine,
} from '../../../src/machine/index.ts';
import { withLock } from '../../../src/machine/lock.ts';
import { filesNotRemoved, giveBackFiles } from '../../../src/machine/owners.ts';
import { newState, writeState } from '../../../src/machine/state.ts';
import { noteTpm } from '../../../src/machine/tpm-state.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const directories = findDirectories({ root: '/r', uid: 0, home: '/', env: {} });
type Context = ReturnType<typeof context>;
const context = () => ({ directories, host: new FakeHost(), reapCommand: [] });
const definition = (name: string, uuid: string) => ({
  name,
  uuid,
  domainXml: `<domain><name>${name}</name><uuid>${uuid}</uuid></domain>`,
});
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof QdomError ? error.primary?.code : String(error)),
  );

const EMPTY_PLAN = {
  options: [],
  host: [],
  consoles: [],
  lifecycle: { onPoweroff: 'destroy', onReboot: 'destroy', onCrash: 'destroy' },
};

describe('what an emulated TPM has kept', () => {
  const uuid = '6f2b4a52-2d5c-4d27-9d5b-3f6f1f6c0a05';
  const state = `/r/lib/swtpm/${uuid}/tpm2/tpm2-00.permall`;
  const tpm = (backend: string) => ({
    ...definition('a', uuid),
    domainXml: `<domain><uuid>${uuid}</uuid><tpm model='tpm-crb'><backend type='emulator'${backend}/></tpm></domain>`,
  });
  const files = machineFiles(directories, 'a');
  const host = (more = {}) => new FakeHost({ [state]: 'keys', '/r/lib/swtpm/other/tpm2/x': '', ...more });
  const isForgotten = (cx: { host: FakeHost }) => {
    expect(cx.host.status('/r/lib/swtpm/other/tpm2/x')).toBeDefined();
    return cx.host.status(`/r/lib/swtpm/${uuid}`) === undefined;
  };
  const forgotten = async (backend: string, options = {}) => {
    const cx = { ...context(), host: host() };
    await defineMachine(cx, tpm(backend));
    await undefineMachine(cx, 'a', options);
    return isForgotten(cx);
  };
  /** Before and after the end of a machine that was undefined while it ran. */
  const forgottenAtEnd = async (options = {}) => {
    const cx = {
      ...context(),
      host: host({ [files.directory]: null, '/proc/sys/kernel/random/boot_id': 'b' }),
    };
    writeState(cx.host, files, { ...newState(cx.host, { name: 'a', uuid }), phase: 'running' });
    cx.host.overwrite(files.plan, JSON.stringify({ ...EMPTY_PLAN, ...tpm('') }));
    await defineMachine(cx, tpm(''));
    await undefineMachine(cx, 'a', options);
    const running = isForgotten(cx);
    await cleanUp(cx, 'a');
    return [running, isForgotten(cx)];
  };

  it('goes with the definition, unless something says that it stays', async () => {
    expect(await forgotten('')).toBe(true);
    expect(await forgotten(" version='2.0' persistent_state='yes'")).toBe(false);
    expect(await forgotten('', { keepTpm: true })).toBe(false);
  });

  /** A transient machine runs, something is done, and then a power cut takes all that is in memory. */
  const forgottenAfterPowerCut = async (act: (cx: Context) => Promise<unknown>, backend = '') => {
    const cx = { ...context(), host: host({ [files.directory]: null }) };
    noteTpm(cx, 'a', tpm(backend));
    await act(cx);
    cx.host.removeTree('/r/run');
    const told = filesNotRemoved(cx);
    expect(await giveBackFiles(cx)).toEqual([]);
    expect(filesNotRemoved(cx)).toEqual([]);
    expect(told.length > 0).toBe(isForgotten(cx));
    return isForgotten(cx);
  };

  it('goes after a power cut as it would have at the end of the machine', async () => {
    const nothing = async () => {};
    const define = (cx: Context) => defineMachine(cx, tpm(''));
    expect(await forgottenAfterPowerCut(nothing)).toBe(true);
    expect(await forgottenAfterPowerCut(nothing, " persistent_state='yes'")).toBe(false);
    expect(await forgottenAfterPowerCut(define)).toBe(false);
    const undefine = (options: object) => async (cx: Context) => {
      await define(cx);
      await undefineMachine(cx, 'a', options);
    };
    expect(await forgottenAfterPowerCut(undefine({}))).toBe(true);
    expect(await forgottenAfterPowerCut(undefine({ keepTpm: true }))).toBe(false);
  });

  it('is not taken from a machine of the same UUID that was started meanwhile under another name', async () => {
    const other = machineFiles(directories, 'b');
    const cx = {
      ...context(),
      host: host({ [other.directory]: null, '/proc/sys/kernel/random/boot_id': 'b' }),
    };
    noteTpm(cx, 'a', tpm(''));
    writeState(cx.host, other, { ...newState(cx.host, { name: 'b', uuid }), phase: 'running' });
    expect(await giveBackFiles(cx)).toEqual([]);
    expect(isForgotten(cx)).toBe(false);
  });

  it('leaves no note behind, whether it goes or stays', async () => {
    for (const isDefinedMeanwhile of [false, true]) {
      const cx = {
        ...context(),
        host: host({ [files.directory]: null, '/proc/sys/kernel/random/boot_id': 'b' }),
      };
      writeState(cx.host, files, { ...newState(cx.host, { name: 'a', uuid }), phase: 'running' });
      cx.host.overwrite(files.plan, JSON.stringify({ ...EMPTY_PLAN, ...tpm('') }));
      noteTpm(cx, 'a', tpm(''));
      expect(cx.host.listDirectory('/r/lib/temporary-files')).toHaveLength(1);
      if (isDefinedMeanwhile) await defineMachine(cx, tpm(''));
      await cleanUp(cx, 'a');
      expect(isForgotten(cx)).toBe(!isDefinedMeanwhile);
      expect(cx.host.listDirectory('/r/lib/temporary-files')).toEqual([]);
    }
  });

  it('outlives the definition of a machine that runs, until the end if it is to go', async () => {
    expect(await forgottenAtEnd()).toEqual([false, true]);
    expect(await forgottenAtEnd({ keepTpm: true })).toEqual([false, false]);
  });
});

describe('definitions', () => {
  it('are kept, listed, replaced by the same UUID, and forgotten', async () => {
    const cx = context();
    await defineMachine(cx, definition('b', '2'));
    await defineMachine(cx, definition('a', '1'));
    expect(await listMachines(cx)).toEqual([
      { name: 'a', uuid: '1', state: 'shut off', persistent: true },
      { name: 'b', uuid: '2', state: 'shut off', persistent: true },
    ]);
    const changed = {
      ...definition('a', '1'),
      domainXml: '<domain><uuid>1</uuid><title>new</title></domain>',
    };
    await defineMachine(cx, changed);
    expect(readDefinition(cx, 'a')).toEqual(changed);
    expect(dumpXml(cx, 'a')).toBe(changed.domainXml);
    await undefineMachine(cx, 'a');
    expect((await listMachines(cx)).map((m) => m.name)).toEqual(['b']);
    expect(await failure(undefineMachine(cx, 'a'))).toBe('machine/not-found');
  });

  it('never share a name or a UUID', async () => {
    const cx = context();
    await defineMachine(cx, definition('a', '1'));
    expect(await failure(defineMachine(cx, definition('a', '9')))).toBe('machine/already-defined');
    expect(await failure(defineMachine(cx, definition('b', '1')))).toBe('machine/uuid-taken');
    expect(readDefinition(cx, 'a').uuid).toBe('1');
  });

  it('with a bad name touch nothing', async () => {
    const cx = context();
    const before = cx.host.snapshot('nothing');
    for (const name of ['../x', '', 'a\nb', 'x'.repeat(300)])
      expect(await failure(defineMachine(cx, definition(name, '1')))).toBe('machine/bad-name');
    expect(cx.host.snapshot('nothing')).toEqual(before);
  });
});

describe('the lock of a machine', () => {
  it('that another does not give back is told with what it does and who it is', async () => {
    const cx = context();
    await withLock(cx, 'g', 'migrate', 0, async () => {
      cx.host.makeDirectory('/proc');
      cx.host.makeDirectory(`/proc/${process.pid}`);
    });
    const stat = `${process.pid} (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 42 0 0\n`;
    cx.host.overwrite(`/proc/${process.pid}/stat`, stat);
    await withLock(cx, 'g', 'migrate', 0, async () => {
      await expect(withLock(cx, 'g', 'start', 20, async () => {})).rejects.toThrow(
        `domain 'g' is busy: 'migrate' by process ${process.pid} has not ended within 20 ms`,
      );
    });
    await withLock(cx, 'g', 'start', 0, async () => {});
  });
});
