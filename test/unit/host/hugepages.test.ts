import { describe, expect, it } from 'vitest';
import type { QdomError } from '../../../src/errors/index.ts';
import { foresee } from '../../../src/host/realise.ts';
import type { HugepageNeed } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const owners = { directory: '/run/owners', machine: 'guest', isThere: () => false };
const KERNEL = '/sys/kernel/mm/hugepages/hugepages-2048kB';
const node = (id: number) => `/sys/devices/system/node/node${id}/hugepages/hugepages-2048kB`;

function hostWith({ free = 100, reserved = 0, overcommit = 0 } = {}): FakeHost {
  return new FakeHost({
    [`${KERNEL}/nr_hugepages`]: '120\n',
    [`${KERNEL}/free_hugepages`]: `${free}\n`,
    [`${KERNEL}/resv_hugepages`]: `${reserved}\n`,
    [`${KERNEL}/nr_overcommit_hugepages`]: `${overcommit}\n`,
    [`${KERNEL}/surplus_hugepages`]: '0\n',
    [`${node(0)}/nr_hugepages`]: '70\n',
    [`${node(0)}/free_hugepages`]: '60\n',
    [`${node(1)}/nr_hugepages`]: '50\n',
    [`${node(1)}/free_hugepages`]: '40\n',
  });
}

const need = (memory: string, pages: number, nodes?: readonly number[]): HugepageNeed => ({
  memory,
  pageKiB: 2048,
  pages,
  ...(nodes && { nodes }),
});

async function problems(host: FakeHost, ...needs: HugepageNeed[]): Promise<QdomError['diagnostics']> {
  const [step] = await foresee([{ type: 'hugepages', needs }], { host, owners });
  return step?.problems ?? [];
}

describe('hugepages are counted before the start', () => {
  it('enough are enough', async () => {
    expect(await problems(hostWith(), need('ram', 100))).toEqual([]);
    expect(await problems(hostWith(), need('ram-node0', 60, [0]), need('ram-node1', 40, [1]))).toEqual([]);
    expect(await problems(hostWith(), need('ram', 100, [0, 1]))).toEqual([]);
  });

  it('what is missing is said with its number, its node and what to do', async () => {
    expect(await problems(hostWith(), need('ram-node0', 50, [0]), need('ram-node1', 50, [1]))).toMatchObject([
      {
        code: 'host/hugepages-missing',
        message:
          "memory 'ram-node1' needs 50 hugepages of 2048 KiB and 40 are free on node 1: 10 are missing",
        hint: expect.stringContaining(`echo 60 > ${node(1)}/nr_hugepages; `),
      },
    ]);
    expect(await problems(hostWith(), need('ram', 101))).toMatchObject([
      { message: expect.stringContaining('101 hugepages of 2048 KiB and 100 are free on this host') },
    ]);
  });

  it('parts of the memory do not get the same pages, and those promised to others are not free', async () => {
    expect(await problems(hostWith(), need('ram-node0', 60), need('dimm0', 60))).toHaveLength(1);
    expect(await problems(hostWith({ reserved: 1 }), need('ram', 100))).toHaveLength(1);
    expect(await problems(hostWith({ overcommit: 20 }), need('ram', 120))).toEqual([]);
  });
});
