import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.ts';
import { goldenEnvironment } from '../../golden/environment.ts';

const GIB = 1024n ** 3n;

function pci(slot: number, more = ''): string {
  return `<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='3' slot='${slot}' function='0'/></source>${more}</hostdev>`;
}
const nvme = `<disk type='nvme' device='disk'><driver name='qemu' type='raw'/><source type='pci' managed='yes'
  namespace='1'><address domain='0' bus='4' slot='0' function='0'/></source><target dev='vda' bus='virtio'/></disk>`;
const vdpa = `<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>`;
const nic = `<interface type='hostdev'><source><address type='pci' domain='0' bus='5' slot='0' function='1'/></source></interface>`;
const iommu = `<iommu model='intel'/>`;

/** What QEMU may lock, for a guest of 2 GiB. */
function locked(devices: string, elements = '', features = ''): unknown {
  const plan = compile(
    `<domain type='kvm'><name>guest</name><memory unit='GiB'>2</memory>${elements}
      <os><type arch='x86_64' machine='q35'>hvm</type></os>${features}<devices>${devices}</devices></domain>`,
    goldenEnvironment({}),
  );
  const limits = plan.host.filter((r) => r.type === 'process-limit' && r.resource === 'memlock');
  return limits.map((r) => 'value' in r && r.value);
}

describe('the memory that QEMU may lock for assigned devices', () => {
  it.each([
    ['one', pci(0), 3n],
    ['several share one address space', pci(0) + pci(1) + nic, 3n],
    ['each NVMe disk has one more', pci(0) + nvme, 5n],
    ['each vDPA device has one more', vdpa + nvme, 5n],
  ])('is all of the guest’s, and what devices reach beside it: %s', (_, devices, gib) => {
    expect(locked(devices)).toEqual([gib * GIB]);
  });

  it('is that for each of them behind a virtual IOMMU', () => {
    const split = "<features><ioapic driver='qemu'/></features>";
    expect(locked(iommu + pci(0) + pci(1), '', split)).toEqual([5n * GIB]);
  });

  it('counts what may be plugged in later', () => {
    const more = "<maxMemory slots='4' unit='GiB'>8</maxMemory>";
    const cpu = "<cpu><numa><cell id='0' cpus='0' memory='2' unit='GiB'/></numa></cpu>";
    expect(locked(pci(0), more, cpu)).toEqual([9n * GIB]);
  });

  it('is what <hard_limit> says', () => {
    expect(locked(pci(0), "<memtune><hard_limit unit='GiB'>4</hard_limit></memtune>")).toEqual([4n * GIB]);
  });

  it('is nothing for a device that is given to nobody', () => {
    expect(locked(pci(0, "<address type='unassigned'/>"))).toEqual([]);
  });
});
