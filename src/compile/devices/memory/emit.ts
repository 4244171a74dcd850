import { hasProperty, jsonOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { refuseUnavailable } from '../../sections/numatune/validate.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { fileOwner } from '../../shared/file-owner.ts';
import { hostBinding } from '../../shared/host-binding.ts';
import { memoryBackend } from '../../shared/memory-backend.ts';
import { pagesFor } from '../../shared/memory-paths.ts';
import { bytes } from '../../shared/size.ts';
import { memoryDeviceErrors as errors } from './errors.ts';
import { backendSizeKiB, hasPath, type MemoryDevice, type MemoryModel } from './model.ts';

const DRIVERS: Record<Exclude<MemoryModel, 'sgx-epc'>, string> = {
  dimm: 'pc-dimm',
  nvdimm: 'nvdimm',
  'virtio-mem': 'virtio-mem-pci',
  'virtio-pmem': 'virtio-pmem-pci',
};

/** A memory device: its backend, then the device. */
export function emitMemoryDevice(device: Placed<MemoryDevice>, cx: EmitContext): Emission {
  const { nodemask } = device.source ?? {};
  if (nodemask !== undefined && device.source !== undefined)
    refuseUnavailable(device.source, 'nodemask', nodemask, cx);
  if (device.model === 'sgx-epc') return sgxSection(device, cx);
  const driver = DRIVERS[device.model];
  const { option, host } = deviceBackend(device, cx);
  const machine = device.model === 'nvdimm' && isFirstNvdimm(device, cx) ? ([['nvdimm', true]] as const) : [];
  // QEMU opens it for writing also where the guest's writes stay its own.
  const owner = fileOwner(device.id, device.source?.path, { access: 'write' }, cx);
  return { options: [option, deviceOption(driver, device, cx)], machine, host: [...host, ...owner] };
}

function isFirstNvdimm(device: Placed<MemoryDevice>, cx: EmitContext): boolean {
  return cx.domain.devices.memory.find((d) => d.model === 'nvdimm') === device;
}

function backendId(device: Placed<MemoryDevice>): string {
  return `mem${device.id}`;
}

function pagesOf(device: MemoryDevice, cx: EmitContext) {
  if (hasPath(device)) return undefined;
  return pagesFor(device.target.node, device.source?.pagesize, cx);
}

function deviceBackend(device: Placed<MemoryDevice>, cx: EmitContext): ReturnType<typeof memoryBackend> {
  const { model, source, target } = device;
  const { memoryBacking, cpu } = cx.domain;
  const cell = target.node === undefined ? undefined : cpu.numa?.cell[target.node];
  const pages = pagesOf(device, cx);
  const isImmediate = memoryBacking?.allocation?.mode === 'immediate';
  const isSparse = model === 'virtio-mem';
  return memoryBackend(
    {
      id: backendId(device),
      fileName: device.id,
      sizeKiB: backendSizeKiB(device),
      pages,
      access: device.access ?? cell?.memAccess ?? memoryBacking?.access?.mode,
      discard: hasPath(device) ? undefined : (device.discard ?? cell?.discard ?? memoryBacking?.discard),
      binding: model === 'virtio-pmem' ? undefined : hostBinding(target.node, source?.nodemask, cx),
      path: source?.path,
      alignKiB: source?.alignsize?.sizeKiB,
      pmem: source?.pmem,
      prealloc:
        !isSparse &&
        (pages !== undefined ||
          (model === 'nvdimm' && source?.pmem === undefined) ||
          (isImmediate && !hasPath(device))),
      preallocThreads: isSparse ? undefined : memoryBacking?.allocation?.threads,
      isSparse,
    },
    cx,
  );
}

function deviceOption(driver: string, device: Placed<MemoryDevice>, cx: EmitContext) {
  const { model, target, address } = device;
  const isVirtioMem = model === 'virtio-mem';
  const requestedKiB = target.requested?.sizeKiB ?? 0;
  return jsonOption('-device', {
    driver,
    node: target.node,
    'label-size': target.label && bytes(target.label.size.sizeKiB),
    unarmed: target.readonly,
    'block-size': target.block && bytes(target.block.sizeKiB),
    'requested-size': isVirtioMem && requestedKiB > 0 ? bytes(requestedKiB) : undefined,
    memdev: backendId(device),
    prealloc: isVirtioMem && preallocates(device, cx) ? true : undefined,
    memaddr: target.address,
    'dynamic-memslots': target.dynamicMemslots,
    id: device.id,
    ...(address?.type === 'dimm' && { slot: address.slot, addr: address.base }),
    ...addressProps(device, cx.domain),
  });
}

/** virtio-mem allocates what it plugs in by itself, where QEMU can (7.1). */
function preallocates(device: MemoryDevice, cx: EmitContext): boolean {
  const isWanted =
    pagesOf(device, cx) !== undefined || cx.domain.memoryBacking?.allocation?.mode === 'immediate';
  return isWanted && hasProperty(cx.env.caps, 'virtio-mem-pci', 'prealloc');
}

/** A section of SGX's encrypted page cache: its backend, which `-machine sgx-epc.N.memdev` names (QEMU 7.0). */
function sgxSection(device: Placed<MemoryDevice>, cx: EmitContext): Emission {
  if (cx.env.caps.sgx === undefined)
    cx.report.add(errors['unsupported-model'], { model: device.model }, whereIs(device, '@model'));
  const index = cx.domain.devices.memory.filter((d) => d.model === 'sgx-epc').indexOf(device);
  const binding = hostBinding(undefined, device.source?.nodemask, cx);
  const backend = jsonOption('-object', {
    'qom-type': 'memory-backend-epc',
    id: backendId(device),
    prealloc: true,
    size: bytes(device.target.size.sizeKiB),
    'host-nodes': binding?.nodes,
    policy: binding?.policy,
  });
  return {
    options: [backend],
    machine: [
      [`sgx-epc.${index}.memdev`, backendId(device)],
      [`sgx-epc.${index}.node`, device.target.node ?? 0],
    ],
  };
}
