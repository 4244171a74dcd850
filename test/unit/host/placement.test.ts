import { describe, expect, it } from 'vitest';
import { adviseNodes } from '../../../src/host/placement.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const MIB = 1024;

/** Nodes with their CPUs, free memory and what files are cached in, both in MiB. */
function hostWith(...nodes: readonly (readonly [cpus: string, freeMiB: number, cachedMiB?: number])[]) {
  return new FakeHost(
    Object.fromEntries(
      nodes.flatMap(([cpus, free, cached = 0], id) => {
        const line = (what: string, mib: number) => `Node ${id} ${what}:   ${mib * MIB} kB\n`;
        const meminfo = line('MemTotal', 8192) + line('MemFree', free) + line('FilePages', cached);
        return [
          [`/sys/devices/system/node/node${id}/cpulist`, `${cpus}\n`],
          [`/sys/devices/system/node/node${id}/meminfo`, `${meminfo}${line('Shmem', 100)}`],
        ];
      }),
    ),
  );
}

const advise = (host: FakeHost, vcpus: number, memoryMiB: number) =>
  adviseNodes({ vcpus, memoryKiB: memoryMiB * MIB }, host);

describe('a domain that is placed automatically', () => {
  it('goes to the node with the most free memory of those that have room for all', async () => {
    const host = hostWith(['0-3', 2000], ['4-7', 1000, 3100], ['8', 9000]);
    expect(await advise(host, 4, 1500)).toEqual({ nodeset: '1', by: 'free memory and CPUs' });
    expect(await advise(host, 1, 1500)).toMatchObject({ nodeset: '2' });
  });

  it('goes to as few nodes as have room together, or to all', async () => {
    const host = hostWith(['0-1', 1000], ['2-3', 3000], ['4-5', 2000]);
    expect(await advise(host, 2, 4500)).toMatchObject({ nodeset: '1,2' });
    expect(await advise(host, 2, 90_000)).toMatchObject({ nodeset: '0,1,2' });
  });

  it('goes where numad says, where that is installed and gives an answer', async () => {
    const host = hostWith(['0-1', 3000], ['2-3', 1000]);
    host.makeDirectory('/usr');
    host.makeDirectory('/usr/bin');
    host.writeFile('/usr/bin/numad', '');
    const asked: unknown[] = [];
    const answer = { exitCode: 0, stdout: '1\n', stderr: '' };
    host.run = async (...call) => {
      asked.push(call);
      return answer;
    };
    expect(await advise(host, 2, 500)).toEqual({ nodeset: '1', by: 'numad' });
    expect(asked).toEqual([['/usr/bin/numad', ['-w', '2:500'], { timeoutMs: 10_000 }]]);
    answer.exitCode = 1;
    expect(await advise(host, 2, 500)).toMatchObject({ nodeset: '0', by: 'free memory and CPUs' });
  });

  it('is not placed on a host without nodes', async () => {
    expect(await advise(new FakeHost({}), 1, 1)).toBeUndefined();
  });
});
