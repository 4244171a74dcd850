import type { HostRequirement } from '../../../plan/index.ts';
import { type Where, whereIs } from '../../../xml/index.ts';
import { type Emission, type EmitContext, located } from '../../context.ts';
import type { Domain } from '../../domain.ts';
import type { DeviceBase } from '../../shared/device-base.ts';

const BYTES_PER_KIB = 1024n;
/** What else such a device may reach: the memory of other devices. */
const BESIDE_RAM_BYTES = 1024n ** 3n;

/**
 * How much memory QEMU must be allowed to lock for devices that reach the guest's memory by themselves: all of it, once for
 * each address space in the host's IOMMU (kernel: vfio.rst). Assigned devices share one, unless a virtual IOMMU gives each
 * its own; QEMU's NVMe driver and each vDPA device have theirs in any case. `<hard_limit>` says it instead.
 */
export function memoryOfAssigned({ domain }: EmitContext): Emission {
  const { devices, maxMemory, memory, memtune } = domain;
  const { assigned, ofTheirOwn } = reachingDevices(domain);
  const [first] = [...assigned, ...ofTheirOwn];
  if (first === undefined) return { options: [] };
  const shared = devices.iommu.length > 0 ? assigned.length : Math.min(assigned.length, 1);
  const ramKiB = BigInt(Math.max(maxMemory?.sizeKiB ?? 0, memory.sizeKiB));
  const hardLimitKiB = memtune?.hard_limit?.sizeKiB;
  const value =
    hardLimitKiB === undefined
      ? ramKiB * BYTES_PER_KIB * BigInt(shared + ofTheirOwn.length) + BESIDE_RAM_BYTES
      : BigInt(hardLimitKiB) * BYTES_PER_KIB;
  const requirement: HostRequirement = { type: 'process-limit', resource: 'memlock', value };
  return located({ options: [], host: [requirement] }, whereIs(first));
}

/** The first device for which all of the guest's memory stays in RAM; undefined if none does that. */
export function keepsMemory({ domain }: EmitContext): Where | undefined {
  const { assigned, ofTheirOwn } = reachingDevices(domain);
  const [first] = [...assigned, ...ofTheirOwn];
  return first && whereIs(first);
}

/** Devices that reach the guest's memory by themselves. */
function reachingDevices({ devices }: Domain): {
  readonly assigned: readonly DeviceBase[];
  readonly ofTheirOwn: readonly DeviceBase[];
} {
  const assigned = [
    ...devices.interface.filter(({ attachment }) => attachment.kind === 'hostdev'),
    ...devices.hostdev.filter(
      ({ type, address }) => type === 'mdev' || (type === 'pci' && address?.type !== 'unassigned'),
    ),
  ];
  const ofTheirOwn = [
    ...devices.interface.filter(({ type }) => type === 'vdpa'),
    ...devices.disk.filter(({ source }) => source?.kind === 'nvme' || source?.kind === 'vhostvdpa'),
  ];
  return { assigned, ofTheirOwn } as ReturnType<typeof reachingDevices>;
}
