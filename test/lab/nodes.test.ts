import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { GuestAtRoot } from './guest-at-root.ts';
import { text } from './helpers.ts';

const PAGE_KIB = 2048;
const CELL_PAGES = 8;

const guest = new GuestAtRoot('nodes');
const pages = () =>
  [0, 1].map((node) =>
    Number(text(`/sys/devices/system/node/node${node}/hugepages/hugepages-${PAGE_KIB}kB/nr_hugepages`)),
  );

/** Guest cell 0 is on host node 1, and the other way round. */
const CROSSED = `<memoryBacking><hugepages/></memoryBacking>
  <vcpu>2</vcpu>
  <numatune><memnode cellid='0' mode='strict' nodeset='1'/><memnode cellid='1' mode='strict' nodeset='0'/></numatune>
  <cpu><numa>
    <cell id='0' cpus='0' memory='16' unit='MiB'/>
    <cell id='1' cpus='1' memory='16' unit='MiB'/>
  </numa></cpu>`;

/** The nodes that the guest's memory is on: of each map of its size the node and the number of pages. */
function placesOfHugepages(): readonly string[] {
  return text(`/proc/${guest.qemuPid()}/numa_maps`)
    .split('\n')
    .filter((line) => / huge /.test(line))
    .flatMap((line) => line.match(/N\d+=\d+/g) ?? [])
    .sort();
}

afterEach(() => guest.destroy());
afterAll(() => guest.end());

it('hugepages are made on the nodes that they are asked for, used there, and taken back', async () => {
  guest.configure({ allocateHugepages: true });
  const before = pages();
  expect(await guest.create(CROSSED)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(pages()).toEqual(before.map((count) => count + CELL_PAGES));
  expect(placesOfHugepages()).toEqual([`N0=${CELL_PAGES}`, `N1=${CELL_PAGES}`]);
  expect(text(`/proc/${guest.qemuPid()}/numa_maps`)).toMatch(/ bind:1 .*huge .*N1=8/);
  await guest.destroy();
  expect(pages()).toEqual(before);
});

it('hugepages that are missing refuse the start with their node, their number and what to write where', async () => {
  guest.configure({});
  const { exitCode, stderr } = await guest.create(CROSSED);
  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(/needs 8 hugepages of 2048 KiB and 0 are free on node 1: 8 are missing/);
  expect(stderr).toMatch(/echo \d+ > \/sys\/devices\/system\/node\/node1\/hugepages\/hugepages-2048kB\/nr/);
  expect(existsSync(join(guest.root, 'run/machines/guest'))).toBe(false);
});
