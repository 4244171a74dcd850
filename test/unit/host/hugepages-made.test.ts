import { describe, expect, it } from 'vitest';
import type { QdomError } from '../../../src/errors/index.ts';
import { realise, undoSteps } from '../../../src/host/realise.ts';
import type { HostRequirement, HugepageNeed } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const HOST = '/sys/kernel/mm/hugepages/hugepages-2048kB';
const NODES = [0, 1].map((id) => `/sys/devices/system/node/node${id}/hugepages/hugepages-2048kB`) as [
  string,
  string,
];
const journal = (machine: string) => `/run/m/${machine}.jsonl`;

/** Two nodes with ten pages each, all free; node 0 has memory for five more. */
function freshHost(): FakeHost {
  const pool = (directory: string, pages: number) => ({
    [`${directory}/nr_hugepages`]: `${pages}\n`,
    [`${directory}/free_hugepages`]: `${pages}\n`,
  });
  return new FakeHost({
    ...{ '/run/m': null, '/run/owners': null, '/proc/self/mounts': '' },
    ...{ ...pool(HOST, 20), ...pool(NODES[0], 10), ...pool(NODES[1], 10) },
    [`${NODES[0]}/memory_for_hugepages`]: '15',
  });
}

const need = (pages: number, nodes?: readonly number[]): HugepageNeed => ({
  memory: 'ram',
  pageKiB: 2048,
  pages,
  ...(nodes && { nodes }),
});

const QEMU_OF: Readonly<Record<string, number>> = { one: 101 };

const owners = (host: FakeHost, machine: string) => ({
  directory: '/run/owners',
  machine,
  isThere: (name: string) => host.readText(journal(name)) !== undefined,
  qemuOf: (name: string) => QEMU_OF[name],
});
const start = (host: FakeHost, machine: string, needs: readonly HugepageNeed[], allocate = false) =>
  realise(
    [{ type: 'hugepages', needs, ...(allocate && { allocate: true }) }] as readonly HostRequirement[],
    host,
    journal(machine),
    owners(host, machine),
  );
const stop = (host: FakeHost, machine: string) => undoSteps(host, journal(machine), 'ended');
const pages = (host: FakeHost, pool: string) => Number(host.readText(`${pool}/nr_hugepages`));
const reason = async (started: Promise<unknown>) =>
  ((await started.catch((error: unknown) => error)) as QdomError).primary;

describe('hugepages that are missing', () => {
  it('are made on their node and taken out of the pool at the end', async () => {
    const host = freshHost();
    await start(host, 'one', [need(13, [0]), need(9)], true);
    expect([pages(host, NODES[0]), pages(host, NODES[1])]).toEqual([13, 10]);
    await stop(host, 'one');
    expect([pages(host, HOST), pages(host, NODES[0])]).toEqual([20, 10]);
  });

  it('come from the other node of the set where the first has no memory', async () => {
    const host = freshHost();
    await start(host, 'one', [need(28, [0, 1])], true);
    expect([pages(host, NODES[0]), pages(host, NODES[1])]).toEqual([15, 13]);
    await stop(host, 'one');
    expect([pages(host, NODES[0]), pages(host, NODES[1])]).toEqual([10, 10]);
  });

  it('that the kernel has no memory for refuse the start with their number, and nothing stays', async () => {
    const host = freshHost();
    const before = host.snapshot('/run/');
    expect(await reason(start(host, 'one', [need(18, [0])], true))).toMatchObject({
      code: 'host/hugepages-not-allocated',
      message: expect.stringMatching(/needs 8 more hugepages of 2048 KiB on node 0.* for 3 of them/),
    });
    expect(host.snapshot('/run/')).toEqual(before);
  });

  it('of two machines are counted apart, whichever ends first', async () => {
    const host = freshHost();
    await start(host, 'two', [need(24)], true);
    await start(host, 'three', [need(10)], true);
    expect(pages(host, HOST)).toBe(34);
    await stop(host, 'two');
    expect(pages(host, HOST)).toBe(30);
    await stop(host, 'three');
    expect(pages(host, HOST)).toBe(20);
  });
});

describe('hugepages that another machine has been promised', () => {
  it('are not free as long as its QEMU has not taken them', async () => {
    const host = freshHost();
    await start(host, 'one', [need(8, [1])]);
    expect(await reason(start(host, 'two', [need(4, [1])]))).toMatchObject({
      code: 'host/hugepages-missing',
      message: expect.stringContaining('needs 4 hugepages of 2048 KiB and 2 are free on node 1'),
    });
    await start(host, 'three', [need(2, [1])]);
  });

  it('are not counted twice when it has', async () => {
    const host = freshHost();
    await start(host, 'one', [need(8, [1])]);
    host.makeDirectory('/proc/101');
    const map = '7f0000000000 bind:1 file=/x huge anon=8 dirty=8 N1=5 N0=3 kernelpagesize_kB=2048\n';
    host.writeFile('/proc/101/numa_maps', `7e0 default anon=1 N1=1 kernelpagesize_kB=4\n${map}`);
    host.writeFile(`${NODES[1]}/free_hugepages`, '5');
    expect(await reason(start(host, 'two', [need(4, [1])]))).toMatchObject({
      message: expect.stringContaining('2 are free on node 1'),
    });
    host.writeFile('/proc/101/numa_maps', map.replace('N1=5 N0=3', 'N1=8'));
    await start(host, 'two', [need(4, [1])]);
  });

  it('are free again when it is no more', async () => {
    const host = freshHost();
    await start(host, 'one', [need(18)]);
    host.removeFile(journal('one'));
    await start(host, 'two', [need(18)]);
  });
});

describe('a hugetlbfs of ours', () => {
  const requirement: HostRequirement = { type: 'hugetlbfs', path: '/run/pages/2048kB', pageKiB: 2048 };
  const mount = (host: FakeHost, machine: string) =>
    realise([requirement], host, journal(machine), owners(host, machine));

  it('is shared, and unmounted by the last', async () => {
    const host = freshHost();
    await mount(host, 'one');
    expect(host.readText('/proc/self/mounts')).toBe(
      'none /run/pages/2048kB hugetlbfs rw,pagesize=2048K,mode=0755 0 0\n',
    );
    await mount(host, 'two');
    await stop(host, 'one');
    expect(host.readText('/proc/self/mounts')).toContain('/run/pages/2048kB');
    await stop(host, 'two');
    expect(host.readText('/proc/self/mounts')).toBe('');
    expect(host.status('/run/pages')).toBeUndefined();
  });

  it('needs root', async () => {
    const host = freshHost();
    host.status = (path) =>
      path === '/proc/self' ? { kind: 'directory', sizeBytes: 0, mode: 0, uid: 1000, gid: 1000 } : undefined;
    expect(await reason(mount(host, 'one'))).toMatchObject({ code: 'host/hugetlbfs-unmountable' });
  });
});
