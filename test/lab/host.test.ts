import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { expect, it } from 'vitest';

const text = (file: string) => readFileSync(file, 'utf8').trim();

/** The group of each card, by its address (test/lab/machine/qemu.ts). */
function groups(): Record<string, string> {
  return Object.fromEntries(
    readdirSync('/sys/class/net').flatMap((name) => {
      try {
        const group = realpathSync(`/sys/class/net/${name}/device/iommu_group`);
        return [[text(`/sys/class/net/${name}/address`), group] as const];
      } catch {
        return [];
      }
    }),
  );
}

it('has control groups of version 2 alone', () => {
  expect(text('/sys/fs/cgroup/cgroup.controllers').split(' ')).toEqual(
    expect.arrayContaining(['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids']),
  );
  expect(text('/proc/self/mounts')).not.toMatch(/ cgroup /);
});

it('has two nodes with a processor and memory each', () => {
  expect(text('/sys/devices/system/node/online')).toBe('0-1');
  expect([0, 1].map((node) => text(`/sys/devices/system/node/node${node}/cpulist`))).toEqual(['0', '1']);
});

it('has cards with an IOMMU group of their own, and two functions that share one', () => {
  const all = groups();
  const alone = ['02:00:00:00:02:00', '02:00:00:00:03:00'].map((mac) => all[mac]);
  expect(new Set([...alone, all['02:00:00:00:04:00']]).size).toBe(3);
  expect(all['02:00:00:00:04:00']).toBe(all['02:00:00:00:04:01']);
  expect(alone).not.toContain(undefined);
});

it.each(['kvm', 'vhost-net', 'net/tun', 'vfio/vfio'])('has /dev/%s', (name) => {
  expect(readdirSync(`/dev/${name}`.replace(/\/[^/]*$/, ''))).toContain(name.replace(/.*\//, ''));
});
