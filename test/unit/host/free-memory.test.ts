import { describe, expect, it } from 'vitest';
import { compile, readDomain } from '../../../src/compile/index.ts';
import type { QdomError } from '../../../src/errors/index.ts';
import { realise } from '../../../src/host/realise.ts';
import type { HostRequirement } from '../../../src/plan/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const GIB = 1024 * 1024;
const owners = { directory: '/run/owners', machine: 'm', isThere: () => false };

function host(availableGiB: number, swapGiB: number): FakeHost {
  const node = (gib: number) =>
    `Node 0 MemFree:  ${gib * GIB} kB\nNode 0 Active(file): 1024 kB\nNode 0 Inactive(file): 0 kB\n`;
  return new FakeHost({
    '/run/m': null,
    '/proc/meminfo': `MemFree: 5 kB\nMemAvailable:   ${availableGiB * GIB} kB\nSwapFree: ${swapGiB * GIB} kB\n`,
    '/sys/devices/system/node/node0/meminfo': node(1),
    '/sys/devices/system/node/node1/meminfo': node(4),
  });
}

const need = (sizeGiB: number, ...nodes: number[]): HostRequirement => ({
  ...{ type: 'free-memory', because: 'locked' },
  needs: [{ memory: 'pc.ram', sizeKiB: sizeGiB * GIB, ...(nodes.length > 0 && { nodes }) }],
});

const refusal = (of: FakeHost, requirement: HostRequirement) =>
  realise([requirement], of, '/run/m/journal.jsonl', owners).then(
    () => undefined,
    (error: QdomError) => `${error.primary?.code}: ${error.primary?.message}`,
  );

describe('memory that QEMU takes as a whole', () => {
  it('is there, where others’ pages can go to swap', async () => {
    expect(await refusal(host(8, 0), need(8))).toBeUndefined();
    expect(await refusal(host(6, 2), need(8))).toBeUndefined();
  });

  it('host/memory-missing, before anything is done', async () => {
    expect(await refusal(host(4, 1), need(8))).toBe(
      `host/memory-missing: memory 'pc.ram' of ${8 * GIB} KiB is locked, and ${5 * GIB} KiB can be had on this host`,
    );
  });

  it('host/memory-missing on the nodes that it must come from', async () => {
    expect(await refusal(host(8, 0), need(1, 0))).toBeUndefined();
    expect(await refusal(host(8, 0), need(2, 0))).toContain("can be had on the NUMA nodes '0'");
    expect(await refusal(host(8, 0), need(2, 0, 1))).toBeUndefined();
    expect(await refusal(host(8, 0), need(6, 0, 1))).toContain("can be had on the NUMA nodes '0,1'");
  });
});

describe('a domain asks for it', () => {
  const asked = (inner: string, devices = '') => {
    const xml = `<domain type='kvm'><name>g</name><memory unit='MiB'>512</memory>${inner}
      <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>`;
    const { host: requirements } = compile(readDomain(xml), goldenEnvironment({}));
    return requirements.find(({ type }) => type === 'free-memory');
  };
  const needs = [{ memory: 'pc.ram', sizeKiB: 512 * 1024 }];

  it('if it is locked, allocated at once, or in reach of a device', () => {
    expect(asked('<memoryBacking><locked/></memoryBacking>')).toMatchObject({ needs, because: 'locked' });
    const immediate = "<allocation mode='immediate'/>";
    expect(asked(`<memoryBacking>${immediate}</memoryBacking>`)).toMatchObject({
      ...{ needs, because: 'allocated' },
      from: { path: '/domain/memoryBacking/allocation' },
    });
    const mdev = `<hostdev mode='subsystem' type='mdev' model='vfio-pci'>
      <source><address uuid='b3a1f0de-6d3c-4cf7-9a55-0f2c6f1d7c11'/></source></hostdev>`;
    expect(asked('', mdev)).toMatchObject({ needs, because: 'assigned' });
  });

  it('and not if it is taken bit by bit, comes from a file, or is hugepages, which are counted elsewhere', () => {
    expect(asked('')).toBeUndefined();
    const file = "<source type='file'/><allocation mode='immediate'/>";
    expect(asked(`<memoryBacking>${file}</memoryBacking>`)).toBeUndefined();
    expect(asked('<memoryBacking><hugepages/><locked/></memoryBacking>')).toBeUndefined();
  });

  it('on the nodes to which it is bound', () => {
    const strict = "<numatune><memory mode='strict' nodeset='1'/></numatune>";
    const preferred = "<numatune><memory mode='preferred' nodeset='1'/></numatune>";
    const locked = '<memoryBacking><locked/></memoryBacking>';
    expect(asked(locked + strict)).toMatchObject({ needs: [{ ...needs[0], nodes: [1] }] });
    expect(asked(locked + preferred)).toMatchObject({ needs });
  });
});
