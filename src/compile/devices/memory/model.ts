import type { Read } from '../../../xml/schema/index.ts';
import { alignUp, bytes } from '../../shared/size.ts';
import type { memoryDeviceSchema } from './schema.ts';

export type MemoryDeviceXml = Read<typeof memoryDeviceSchema> & { readonly id?: string };
export type MemoryModel = MemoryDeviceXml['model'];

/** A module of memory with all that its model implies. */
export type MemoryDevice = MemoryDeviceXml;

/** Models that sit in a memory slot: the others are PCI devices, or part of the machine (sgx-epc). */
export function isModule(device: MemoryDeviceXml): boolean {
  return device.model === 'dimm' || device.model === 'nvdimm';
}

/** Models whose memory is a file or device of the user's. */
export function hasPath(device: MemoryDeviceXml): boolean {
  return device.model === 'nvdimm' || device.model === 'virtio-pmem';
}

/** Modules of memory are added in steps of 2 MiB, the greatest page that the kernel may use for them by itself. */
const MODULE_STEP_KIB = 2048;

/** A device's memory in QEMU: whole steps. */
export function backendSizeKiB({ target }: MemoryDevice): number {
  return alignUp(target.size.sizeKiB, MODULE_STEP_KIB);
}

/** Where a device sits in the guest's address space, if that is written; an nvdimm's label is not mapped. */
export function addressRange(
  device: MemoryDevice,
  pageSizeKiB: number,
): { readonly base: bigint; readonly end: bigint } | undefined {
  const { address, source, target } = device;
  const base = address?.type === 'dimm' ? address.base : target.address;
  if (base === undefined) return undefined;
  const stepKiB = source?.alignsize?.sizeKiB || pageSizeKiB;
  const mappedKiB = backendSizeKiB(device) - (target.label?.size.sizeKiB ?? 0);
  return { base, end: base + bytes(Math.floor(mappedKiB / stepKiB) * stepKiB) };
}
