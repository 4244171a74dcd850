import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QdomError } from '../../../src/errors/index.ts';
import { type DescriptorSource, findDescriptors } from '../../../src/host/descriptors.ts';
import { readFacts } from '../../../src/host/facts.ts';

function source(files: Record<string, string>): DescriptorSource {
  return {
    listDirectory: (dir) =>
      Object.keys(files).flatMap((f) => (f.startsWith(`${dir}/`) ? [f.slice(dir.length + 1)] : [])),
    readText: (path) => files[path],
  };
}

describe('firmware and vhost-user descriptors', () => {
  const files = {
    '/r/usr/share/qemu/firmware/50-b.json': '{"from":"share"}',
    '/r/usr/share/qemu/firmware/40-a.json': '{"from":"share"}',
    '/r/usr/share/qemu/firmware/60-masked.json': '{"from":"share"}',
    '/r/usr/share/qemu/firmware/README': 'not a descriptor',
    '/r/usr/share/qemu/firmware/70-broken.json': '{',
    '/r/etc/qemu/firmware/50-b.json': '{"from":"etc"}',
    '/r/etc/qemu/firmware/60-masked.json': '',
    '/r/home/u/.config/qemu/firmware/40-a.json': '{"from":"home"}',
  };

  it('are ordered by name, the higher directory wins and an empty file masks', () => {
    const found = findDescriptors(source(files), 'firmware', { root: '/r' });
    expect(found).toEqual([
      { path: '/usr/share/qemu/firmware/40-a.json', content: { from: 'share' } },
      { path: '/etc/qemu/firmware/50-b.json', content: { from: 'etc' } },
      { path: '/usr/share/qemu/firmware/70-broken.json', content: undefined },
    ]);
  });

  it("take an unprivileged user's own first", () => {
    const [first] = findDescriptors(source(files), 'firmware', { root: '/r', home: '/home/u' });
    expect(first).toEqual({ path: '/home/u/.config/qemu/firmware/40-a.json', content: { from: 'home' } });
  });
});

describe('a facts file', () => {
  const minimal = {
    format: 1,
    root: 'root',
    qemu: { binary: '/usr/bin/qemu-system-x86_64', kvm: false, transcript: 't.replies' },
    hostCpu: {
      arch: 'x86_64',
      model: 'Haswell',
      vendor: 'Intel',
      sockets: 1,
      cores: 1,
      threads: 1,
      features: [],
    },
    numa: { cells: [] },
    hugepages: [],
    clock: { now: 1, timezone: 'UTC' },
    user: { name: 'u', home: '/home/u', privileged: false },
    tap: { autoName: 'vnet0', existing: [] },
    networks: { lan: { definition: 'lan.xml' } },
    volumes: { 'p/v': { type: 'block', path: '/dev/x', pool: 'lan.xml' }, 'p/w': { error: 'inactive' } },
    config: {},
  };

  function write(facts: unknown): string {
    const dir = mkdtempSync(join(tmpdir(), 'facts-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    mkdirSync(join(dir, 'root/home/u/.config/qemu/firmware'), { recursive: true });
    writeFileSync(join(dir, 'root/home/u/.config/qemu/firmware/1.json'), '{}');
    writeFileSync(join(dir, 'lan.xml'), '<network/>');
    writeFileSync(join(dir, 'facts.json'), JSON.stringify(facts));
    return join(dir, 'facts.json');
  }

  it('gives XML as text, absolute paths and descriptors under its root', () => {
    const path = write(minimal);
    const { facts, transcript } = readFacts(path);
    expect(transcript).toBe(join(path, '../t.replies'));
    expect(facts.networks).toEqual({ lan: { definition: '<network/>' } });
    expect(facts.volumes).toEqual({
      'p/v': { type: 'block', path: '/dev/x', pool: '<network/>' },
      'p/w': { error: 'inactive' },
    });
    expect(facts.firmware).toEqual([{ path: '/home/u/.config/qemu/firmware/1.json', content: {} }]);
  });

  it('that lacks a member is refused by name', () => {
    const { hostCpu: _, ...rest } = minimal;
    expect(() => readFacts(write(rest))).toThrow(/member 'hostCpu' is missing/);
    expect(() => readFacts(write({ ...minimal, networks: { a: { definition: 'gone.xml' } } }))).toThrow(
      QdomError,
    );
  });
});
