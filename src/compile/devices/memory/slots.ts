import type { ParsedDomain } from '../../domain.ts';
import { isModule, type MemoryDeviceXml, type MemoryModel } from './model.ts';

/** libvirt's aliases; a module's number is its slot, another's its position among its model. */
const NAMES: Record<MemoryModel, string> = {
  dimm: 'dimm',
  nvdimm: 'nvdimm',
  'virtio-mem': 'virtiomem',
  'virtio-pmem': 'virtiopmem',
  'sgx-epc': 'epc',
};

/** Gives every module that names no slot the lowest that is free, and every memory device its id. */
export function assignMemorySlots(domain: ParsedDomain): { readonly memory: readonly MemoryDeviceXml[] } {
  const taken = new Set(domain.devices.memory.map(writtenSlot));
  const counts = new Map<MemoryModel, number>();
  let next = 0;
  const memory = domain.devices.memory.map((device) => {
    if (!isModule(device)) {
      const position = counts.get(device.model) ?? 0;
      counts.set(device.model, position + 1);
      return { ...device, id: `${NAMES[device.model]}${position}` };
    }
    const written = writtenSlot(device);
    while (written === undefined && taken.has(next)) next++;
    const slot = written ?? next++;
    const address = device.address?.type === 'dimm' ? device.address : undefined;
    return {
      ...device,
      id: `${NAMES[device.model]}${slot}`,
      address: { ...address, type: 'dimm' as const, slot },
    };
  });
  return { memory };
}

function writtenSlot(device: MemoryDeviceXml): number | undefined {
  return device.address?.type === 'dimm' ? device.address.slot : undefined;
}
