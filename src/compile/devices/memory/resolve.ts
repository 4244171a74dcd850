import { SOURCE } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { hasPath, type MemoryDevice, type MemoryDeviceXml } from './model.ts';

/** Keeps of a device what its model has; the guest's only cell is where memory goes that names none. */
export function resolveMemoryDevice(device: MemoryDeviceXml, cx: ResolveContext): MemoryDevice {
  const { source, uuid, target, access, ...rest } = device;
  const shared = device.model === 'virtio-pmem' ? 'shared' : undefined;
  const kept = keptSource(device);
  return {
    ...rest,
    ...(device.model === 'nvdimm' && uuid !== undefined && { uuid }),
    ...((access ?? shared) !== undefined && { access: access ?? shared }),
    ...(kept && { source: kept }),
    target: keptTarget(device, cx),
  };
}

function keptSource({ model, source, ...device }: MemoryDeviceXml): MemoryDevice['source'] {
  if (source === undefined) return undefined;
  const { nodemask, pagesize, path, alignsize, pmem } = source;
  const origin = { [SOURCE]: source[SOURCE] };
  if (model === 'sgx-epc') return { ...origin, ...(nodemask && { nodemask }) };
  if (!hasPath({ ...device, model }))
    return { ...origin, ...(nodemask && { nodemask }), ...(pagesize && { pagesize }) };
  const ofNvdimm = model === 'nvdimm' && { ...(alignsize && { alignsize }), ...(pmem && { pmem }) };
  return { ...origin, ...(path !== undefined && { path }), ...ofNvdimm };
}

function keptTarget({ model, target }: MemoryDeviceXml, cx: ResolveContext): MemoryDevice['target'] {
  const { size, label, readonly, block, requested, address, dynamicMemslots, node: written } = target;
  const isOnlyCell = cx.domain.cpu?.numa?.cell.length === 1 && model !== 'virtio-pmem' && model !== 'sgx-epc';
  const isImplied = cx.domain.cpu?.numa?.cell[0]?.[SOURCE] === undefined;
  const node = written ?? (isOnlyCell && isImplied ? 0 : undefined);
  const base = { [SOURCE]: target[SOURCE], size, ...(node !== undefined && { node }) };
  switch (model) {
    case 'nvdimm':
      return { ...base, ...(label && { label }), ...(readonly && { readonly }) };
    case 'virtio-mem':
      return {
        ...base,
        ...(dynamicMemslots !== undefined && { dynamicMemslots }),
        ...(block && { block }),
        requested: requested ?? { sizeKiB: 0 },
        ...(address !== undefined && { address }),
      };
    case 'virtio-pmem':
      return { ...base, ...(address !== undefined && { address }) };
    default:
      return base;
  }
}
