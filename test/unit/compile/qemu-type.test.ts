import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { QdomError } from '../../../src/errors/index.ts';
import type { QemuCaps } from '../../../src/plan/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

function codesFor(devices: string, change: (caps: QemuCaps) => QemuCaps): string[] {
  const env = goldenEnvironment({});
  const xml = `<domain type='kvm'><name>guest</name><memory>262144</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>`;
  try {
    compile(xml, { ...env, caps: change(env.caps) });
    return [];
  } catch (error) {
    if (error instanceof QdomError) return error.diagnostics.map((d) => d.code);
    throw error;
  }
}

function withoutType(type: string) {
  return (caps: QemuCaps): QemuCaps => {
    const { [type]: _, ...types } = caps.types;
    return { ...caps, types };
  };
}

function withoutProperty(type: string, property: string) {
  return (caps: QemuCaps): QemuCaps => {
    const { [property]: _, ...rest } = caps.properties[type] ?? {};
    return { ...caps, properties: { ...caps.properties, [type]: rest } };
  };
}

describe('a QEMU that was built with less', () => {
  it.each([
    ['pvpanic-pci', "<panic model='pvpanic'/>"],
    ['pvpanic', '<panic/>'],
    ['i6300esb', "<watchdog model='i6300esb'/>"],
    ['ivshmem-plain', "<shmem name='a'><model type='ivshmem-plain'/></shmem>"],
    ['acpi-erst', "<pstore backend='acpi-erst'><size unit='KiB'>8</size></pstore>"],
    ['rng-builtin', "<rng model='virtio'><backend model='builtin'/></rng>"],
    ['intel-iommu', "<iommu model='intel'/>"],
    ['vhost-vsock-pci', "<vsock><cid address='3'/></vsock>"],
  ])('has no %s, which is said where it is wanted', (type, devices) => {
    expect(codesFor(devices, (caps) => caps)).toEqual([]);
    expect(codesFor(devices, withoutType(type))).toEqual(['qemu/no-type']);
  });

  it.each([
    ['intel-iommu', 'dma-translation', "<iommu model='intel'><driver dma_translation='off'/></iommu>"],
    ['virtio-balloon-pci', 'free-page-reporting', "<memballoon model='virtio' freePageReporting='on'/>"],
  ])('has an older %s without %s', (type, property, devices) => {
    expect(codesFor(devices, (caps) => caps)).toEqual([]);
    expect(codesFor(devices, withoutProperty(type, property))).toEqual(['qemu/no-property']);
  });
});
