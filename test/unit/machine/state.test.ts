import { describe, expect, it } from 'vitest';
import { parseStat } from '../../../src/host/process.ts';
import { runningPlan } from '../../../src/machine/console.ts';
import { findDirectories } from '../../../src/machine/directories.ts';
import { machineFiles } from '../../../src/machine/files.ts';
import { planFromJson, planToJson } from '../../../src/machine/plan-file.ts';
import { parseEvent } from '../../../src/machine/record.ts';
import { newState, observe, writeState } from '../../../src/machine/state.ts';
import { cleanEnvironment } from '../../../src/machine/supervisor.ts';
import type { Plan } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const directories = findDirectories({ root: '/r', uid: 0, home: '/', env: {} });
const files = machineFiles(directories, 'g');

/** As /proc/PID/stat has it; a command's name may hold anything. */
const stat = (pid: number, startTime: number, state = 'S') =>
  `${pid} (qemu) Z (x) ${state} 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${startTime} 0 0\n`;

function hostWith(
  noted: string,
  seen: Record<string, string>,
  phase: 'starting' | 'running' = 'running',
): FakeHost {
  const host = new FakeHost({
    [files.directory]: null,
    '/proc/sys/kernel/random/boot_id': 'boot-1\n',
    ...seen,
  });
  writeState(host, files, { ...newState(host, { name: 'g', uuid: 'u' }), phase });
  host.overwrite(files.qemuStat, noted);
  return host;
}

describe('what is seen of a machine', () => {
  const alive = { '/proc/7/stat': stat(7, 100) };

  it('is alive only if pid and start time agree', () => {
    expect(observe(hostWith(stat(7, 100), alive), files)).toMatchObject({ kind: 'alive', qemu: { pid: 7 } });
    expect(observe(hostWith(stat(7, 99), alive), files).kind).toBe('dead');
    expect(observe(hostWith(stat(7, 100), {}), files).kind).toBe('dead');
  });

  it('is dead as a zombie', () => {
    expect(observe(hostWith(stat(7, 100), { '/proc/7/stat': stat(7, 100, 'Z') }), files).kind).toBe('dead');
  });

  it('is dead after a reboot, whoever has the pid now', () => {
    const host = hostWith(stat(7, 100), alive);
    host.overwrite('/proc/sys/kernel/random/boot_id', 'boot-2\n');
    expect(observe(host, files).kind).toBe('dead');
  });

  it('is unfinished until its start came to its end', () => {
    expect(observe(hostWith(stat(7, 100), alive, 'starting'), files)).toMatchObject({
      kind: 'unfinished',
      qemu: { pid: 7 },
    });
    const before = hostWith(stat(7, 100), {});
    before.removeFile(files.state);
    expect(observe(before, files)).toEqual({ kind: 'unfinished' });
  });

  it.each([
    '',
    '{"schema":1,"na',
    'null',
    '{"schema":1,"phase":"running"}',
    '{"schema":2,"phase":"starting"}',
  ])('is alive while its QEMU is, whatever is in its state file: %j', (text) => {
    const damaged = hostWith(stat(7, 100), alive);
    damaged.overwrite(files.liveXml, '<domain><uuid>u-1</uuid></domain>');
    damaged.overwrite(files.state, text);
    const state = { name: 'g', uuid: 'u-1', phase: 'running' };
    expect(observe(damaged, files)).toMatchObject({ kind: 'alive', qemu: { pid: 7 }, state });
    damaged.overwrite(files.qemuStat, '');
    expect(observe(damaged, files)).toMatchObject({ kind: 'dead', state });
  });

  it('is nothing without a directory', () => {
    expect(observe(new FakeHost(), files)).toEqual({ kind: 'absent' });
  });
});

describe('small things', () => {
  it('a note that is not whole says nothing', () => {
    expect(parseStat('7 (qemu) S 1 1')).toBeUndefined();
    expect(parseStat('')).toBeUndefined();
    expect(parseStat(stat(7, 100))).toEqual({ pid: 7, startTime: 100, state: 'S' });
  });

  it('a plan comes back from its file as it was, sizes beyond 2^53 too', () => {
    const parts = { options: [], host: [], consoles: [], lifecycle: {} };
    const plan = {
      ...parts,
      afterStart: [{ execute: 'x', arguments: { size: 2n ** 60n, fd: { fd: 'a' } } }],
    };
    expect(planFromJson(planToJson(plan as unknown as Plan))).toEqual(plan);
  });

  it.each(['', '{"options":', 'null', '[]', '{}', '{"options":{},"host":[],"consoles":[],"lifecycle":{}}'])(
    'a plan whose file is damaged is an error that names it: %j',
    (text) => {
      const host = new FakeHost({ [files.directory]: null });
      host.overwrite(files.plan, text);
      const read = () => runningPlan({ host, directories, reapCommand: [] }, 'g');
      expect(read).toThrow(`'${files.plan}' cannot be read`);
    },
  );

  it('what is no event in a damaged flight record is passed over', () => {
    expect(['null', '5', '{"event":5}', '{"eve'].map(parseEvent)).toEqual(Array(4).fill(undefined));
    expect(parseEvent('{"event":"X","timestamp":{"seconds":"x"}}')).toEqual({
      event: 'X',
      data: {},
      timestampMs: 0,
    });
  });

  it('QEMU sees nothing of the environment that could carry a secret', () => {
    const env = { HOME: '/h', DISPLAY: ':0', AWS_SECRET: 'x', LD_PRELOAD: 'y' };
    const always = { PATH: expect.any(String), LC_ALL: 'C' };
    expect(cleanEnvironment(env, { home: '/run/q', isRoot: false })).toEqual({
      ...always,
      HOME: '/h',
      DISPLAY: ':0',
    });
    expect(cleanEnvironment(env, { home: '/run/q', isRoot: true })).toEqual({
      ...always,
      HOME: '/run/q',
      XDG_DATA_HOME: '/run/q/.local/share',
      XDG_CACHE_HOME: '/run/q/.cache',
      XDG_CONFIG_HOME: '/run/q/.config',
    });
  });
});

describe('the directories', () => {
  const env = { XDG_CONFIG_HOME: '/c', XDG_RUNTIME_DIR: '/run/user/7', XDG_STATE_HOME: 'relative' };
  it('are the system ones for root, the XDG ones for a user, and all under --root', () => {
    expect(findDirectories({ uid: 0, home: '/root', env }).run).toBe('/run/qdom');
    expect(findDirectories({ uid: 7, home: '/h', env })).toEqual({
      config: '/c/qdom',
      run: '/run/user/7/qdom',
      state: '/h/.local/share/qdom',
      log: '/h/.local/state/qdom/log',
    });
    expect(Object.values(directories).every((path) => path.startsWith('/r/'))).toBe(true);
  });
});
