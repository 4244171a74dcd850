import { existsSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QdomError } from '../../src/errors/index.ts';
import { destroyMachine, startMachine } from '../../src/machine/index.ts';
import { type HostRequirement, jsonOption } from '../../src/plan/index.ts';
import { createMachines, hasQemu, noQemu, type TestMachines } from '../helpers/machines.ts';

/** One node's: where there are two, the kernel would share out pages that are asked of all. */
const KERNEL = '/sys/devices/system/node/node0/hugepages/hugepages-2048kB';
const PAGES = 8;
const PAGE_KIB = 2048;
const count = (file: string) => Number(readFileSync(join(KERNEL, file), 'utf8'));

describe.skipIf(whyNot() !== undefined)(`hugepages${whyNot() === undefined ? '' : ` (${whyNot()})`}`, () => {
  let machines: TestMachines;
  let mount = '';
  let before = 0;
  beforeAll(async () => {
    machines = createMachines();
    mount = mkdtempSync(join(tmpdir(), 'hugepages-'));
    await execa('mount', ['-t', 'hugetlbfs', '-o', 'pagesize=2M', 'none', mount]);
    before = count('nr_hugepages');
    writeFileSync(join(KERNEL, 'nr_hugepages'), String(before + PAGES));
  });
  afterAll(async () => {
    await machines.end();
    writeFileSync(join(KERNEL, 'nr_hugepages'), String(before));
    await execa('umount', [mount]);
    rmdirSync(mount);
  });

  const plan = (pages: number, place = mount, before: readonly HostRequirement[] = []) => {
    const directory = join(place, 'qdom/1-guest');
    const needs = [{ memory: 'pages0', pageKiB: PAGE_KIB, pages }];
    const host: HostRequirement[] = [
      ...(before.length === 0 ? [{ type: 'hugepages', needs } as const] : before),
      { type: 'directory', path: directory },
    ];
    const backend = {
      ...{ 'qom-type': 'memory-backend-file', id: 'pages0', 'mem-path': directory, prealloc: true },
      size: pages * PAGE_KIB * 1024,
    };
    return machines.plan('guest', { host, options: [jsonOption('-object', backend)] });
  };

  it('are QEMU’s while it runs and free again after', async () => {
    const free = count('free_hugepages');
    await startMachine(machines.cx, plan(PAGES));
    expect(count('free_hugepages')).toBe(free - PAGES);
    await destroyMachine(machines.cx, 'guest');
    expect(count('free_hugepages')).toBe(free);
    expect(existsSync(join(mount, 'qdom'))).toBe(false);
  });

  it('too few of them refuse the start before anything is done', async () => {
    const free = count('free_hugepages');
    const error = await startMachine(machines.cx, plan(free + 3)).catch((e: unknown) => e);
    expect((error as QdomError).primary).toMatchObject({
      code: 'host/hugepages-missing',
      message: expect.stringMatching(/: 3 are missing$/),
    });
    expect(existsSync(join(mount, 'qdom'))).toBe(false);
  });

  it('that are missing are made on their node with a mount for them, and the host is as before', async () => {
    const own = join(machines.cx.directories.run, 'hugepages/2048kB');
    const seen = () => ({
      mounts: readFileSync('/proc/self/mounts', 'utf8'),
      pages: [count('nr_hugepages'), count('free_hugepages')],
      isThere: existsSync(dirname(own)),
    });
    const untouched = seen();
    const pages = count('free_hugepages') + 5;
    const needs = [{ memory: 'pages0', pageKiB: PAGE_KIB, pages, nodes: [0] }];
    const made: HostRequirement[] = [
      { type: 'hugepages', allocate: true, needs },
      { type: 'hugetlbfs', path: own, pageKiB: PAGE_KIB },
    ];
    await startMachine(machines.cx, plan(pages, own, made));
    expect(count('nr_hugepages')).toBe(before + PAGES + 5);
    expect(seen().mounts).toContain(`${own} hugetlbfs rw,`);
    await destroyMachine(machines.cx, 'guest');
    expect(seen()).toEqual(untouched);
  });
});

function whyNot(): string | undefined {
  if (!hasQemu) return noQemu;
  if (process.getuid?.() !== 0) return 'hugepages need root';
  return existsSync(KERNEL) ? undefined : 'this kernel has no hugepages of 2 MiB';
}
