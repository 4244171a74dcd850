import { describe, expect, it } from 'vitest';
import { realise, undoSteps } from '../../../src/host/realise.ts';
import { findDirectories } from '../../../src/machine/directories.ts';
import { runDirectory } from '../../../src/machine/files.ts';
import { reapAll } from '../../../src/machine/leftovers.ts';
import { filesNotRemoved, giveBackFiles, ownersFor } from '../../../src/machine/owners.ts';
import type { HostRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const directories = findDirectories({ root: '/r', uid: 0, home: '/', env: {} });
const records = '/r/lib/temporary-files';

const requirements = (machine: string): readonly HostRequirement[] => [
  {
    ...{ type: 'overlay', device: 'virtio-disk0', path: `/images/a.${machine}`, base: '/images/a' },
    ...{ baseFormat: 'raw', records },
  },
  { type: 'directory', path: `/r/lib/ram/${machine}`, contents: 'removed', records },
];

async function running(...machines: readonly string[]) {
  const host = new FakeHost({ '/images/a': '', '/usr/bin/qemu-img': '', '/r/lib/ram': null });
  const cx = { host, directories, reapCommand: [] };
  for (const machine of machines) {
    host.plant(runDirectory(directories, machine), '');
    await realise(requirements(machine), host, `/r/${machine}.jsonl`, ownersFor(cx, machine));
    host.plant(`/r/lib/ram/${machine}/ram`, 'memory');
  }
  return cx;
}

/** Where the run directory is in memory, a power cut leaves nothing of it. */
const powerCut = ({ host }: { host: FakeHost }, machine: string) => {
  host.removeTree(runDirectory(directories, machine));
  host.removeTree(`/r/${machine}.jsonl`);
};

describe('a file that goes with its machine', () => {
  it('goes also where a power cut has taken the journal', async () => {
    const cx = await running('one', 'two');
    powerCut(cx, 'one');
    expect([...filesNotRemoved(cx)].sort()).toEqual(['/images/a.one', '/r/lib/ram/one']);
    expect(await giveBackFiles(cx)).toEqual([]);
    expect(filesNotRemoved(cx)).toEqual([]);
    expect(cx.host.listDirectory('/images')).toEqual(['a', 'a.two']);
    expect(cx.host.listDirectory('/r/lib/ram')).toEqual(['two']);
  });

  it('leaves no note behind', async () => {
    const cx = await running('one');
    expect(cx.host.listDirectory(records)).toHaveLength(2);
    expect(await undoSteps(cx.host, '/r/one.jsonl', 'ended')).toEqual([]);
    expect(cx.host.listDirectory(records)).toEqual([]);
    expect(cx.host.listDirectory('/images')).toEqual(['a']);
  });

  it('that cannot be removed is told, and tried again', async () => {
    const cx = await running('one');
    powerCut(cx, 'one');
    cx.host.inject('fail', 1);
    expect(await reapAll(cx)).toMatchObject([{ name: expect.stringMatching(/one$/) }]);
    expect(filesNotRemoved(cx)).toHaveLength(1);
    expect(await reapAll(cx)).toEqual([]);
    expect(filesNotRemoved(cx)).toEqual([]);
  });

  it('is not noted where it was there before: that one stays', async () => {
    const host = new FakeHost({ '/r/lib/ram/one': null });
    const owners = ownersFor({ host, directories }, 'one');
    await realise(requirements('one').slice(1), host, '/r/one.jsonl', owners);
    expect(host.listDirectory(records)).toEqual([]);
  });
});
