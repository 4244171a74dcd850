import { describe, expect, it } from 'vitest';
import type { QdomError } from '../../../src/errors/index.ts';
import { realise } from '../../../src/host/realise.ts';
import { pickWays } from '../../../src/host/resctrl/schemata.ts';
import type { CacheShare, HostRequirement, ResctrlRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const RESCTRL = '/sys/fs/resctrl';
const MIB = 1024n * 1024n;
const owners = { directory: '/run/owners', machine: 'guest', isThere: () => false };

/** Two caches of 12 ways with 1 MiB each; the default group has all but four of the first. */
function hostWith(files: Readonly<Record<string, string | null>> = {}): FakeHost {
  const index = (cpu: number, id: number) =>
    Object.entries({ level: '3', id: String(id), size: '12288K', type: 'Unified' }).map(([file, text]) => [
      `/sys/devices/system/cpu/cpu${cpu}/cache/index3/${file}`,
      `${text}\n`,
    ]);
  return new FakeHost({
    '/run/m': null,
    '/run/owners': null,
    '/proc/self/mounts': `resctrl ${RESCTRL} resctrl rw 0 0\n`,
    [`${RESCTRL}/schemata`]: '    L3:0=ff0;1=fff\n    MB:0= 100;1= 100\n',
    [`${RESCTRL}/info/L3/cbm_mask`]: 'fff\n',
    [`${RESCTRL}/info/L3/min_cbm_bits`]: '2\n',
    [`${RESCTRL}/mon_groups`]: null,
    ...Object.fromEntries([...index(0, 0), ...index(1, 1)]),
    ...files,
  });
}

const share = (given: Partial<ResctrlRequirement>): ResctrlRequirement => ({
  ...{ type: 'resctrl', device: 'guest', name: 'vcpus_0', caches: [], bandwidths: [], monitors: [] },
  ...given,
});
const cache = (mib: bigint, more: Partial<CacheShare> = {}): CacheShare => ({
  ...{ level: 3, id: 0, type: 'both', bytes: mib * MIB },
  ...more,
});
const start = (host: FakeHost, ...requirements: HostRequirement[]) =>
  realise(requirements, host, '/run/m/journal', owners);
const refusal = async (host: FakeHost, ...requirements: HostRequirement[]) => {
  host.inject('fail');
  const error = await start(host, ...requirements).catch((e: unknown) => e);
  expect(host.changes).toBe(0);
  return (error as QdomError).primary;
};

describe('a share of a cache', () => {
  it('is ways that no group has; of the others it has what the default group has', async () => {
    const host = hostWith();
    const made = await start(
      host,
      share({ caches: [cache(2n)], bandwidths: [{ node: 1, bandwidth: 30 }] }),
      share({ name: 'vcpus_1', caches: [cache(2n)] }),
    );
    const schemata = (name: string) => host.readText(`${RESCTRL}/qdom-guest-${name}/schemata`);
    expect(schemata('vcpus_0')).toBe('L3:0=3;1=fff\nMB:0=100;1=30\n');
    expect(schemata('vcpus_1')).toBe('L3:0=c;1=fff\nMB:0=100;1=100\n');
    expect([...made.threadFiles]).toEqual([
      ['vcpus_0', `${RESCTRL}/qdom-guest-vcpus_0/tasks`],
      ['vcpus_1', `${RESCTRL}/qdom-guest-vcpus_1/tasks`],
    ]);
  });

  it('is refused before anything is done where there is no room, also for all shares together', async () => {
    expect(await refusal(hostWith(), share({ caches: [cache(3n), cache(3n, { id: 1 })] }))).toMatchObject({
      code: 'host/cache-full',
      message: expect.stringMatching(/L3 1 are 3 ways side by side.*only '0' are in no group.*has 'fff'/),
      hint: expect.stringContaining('L3:1=MASK'),
    });
    const both = [share({ caches: [cache(2n)] }), share({ name: 'vcpus_1', caches: [cache(3n)] })];
    expect(await refusal(hostWith(), ...both)).toMatchObject({
      message: expect.stringMatching(/L3 0 are 3 ways.*only 'c' are in no group/),
    });
  });

  it.each([
    ['host/cache-size', cache(0n, { bytes: 3n * MIB - 1n }), 'in ways of 1048576 bytes, at least 2'],
    ['host/cache-size', cache(1n), 'at least 2'],
    ['host/resctrl-unavailable', cache(2n, { type: 'code' }), "'L3CODE 0'"],
    ['host/resctrl-unavailable', cache(2n, { id: 7 }), 'it has L3 0, L3 1, MB 0, MB 1'],
  ])('that the cache cannot give is refused: %s', async (code, asked, words) => {
    expect(await refusal(hostWith(), share({ caches: [asked] }))).toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  it('needs the resource control to be mounted, and monitors their counters', async () => {
    expect(
      await refusal(hostWith({ '/proc/self/mounts': '' }), share({ caches: [cache(2n)] })),
    ).toMatchObject({
      code: 'host/resctrl-missing',
    });
    expect(await refusal(hostWith(), share({ monitors: ['vcpus_0'] }))).toMatchObject({
      code: 'host/resctrl-unavailable',
    });
  });

  it('is never one that somebody else has made', async () => {
    const host = hostWith({ [`${RESCTRL}/qdom-guest-vcpus_0/tasks`]: '' });
    expect(await refusal(host, share({ caches: [cache(2n)] }))).toMatchObject({
      code: 'host/resctrl-refused',
    });
  });
});

describe('ways side by side', () => {
  it.each([
    [0b1111_0111n, 3, 0b111n],
    [0b1111_0011n, 3, 0b0111_0000n],
    [0b1111_0011n, 2, 0b11n],
    [0b1010_1010n, 2, undefined],
    [0n, 1, undefined],
  ])('come from the shortest run that has enough: %s, %s', (free, count, expected) => {
    expect(pickWays(free, count)).toBe(expected);
  });
});
