import { mdevTypes } from '../mdev/sysfs.ts';
import {
  functionDirectory,
  functionText,
  groupMembers,
  groupOf,
  isBridge,
  physicalFunction,
  virtualFunctions,
} from '../pci/functions.ts';
import type { HostSystem } from '../system.ts';
import type { Identity, LinkState, PciCapability } from './device.ts';
import { pciNames } from './pci-names.ts';

/** What a PCI function is; documentation of the files: Documentation/ABI/testing/sysfs-bus-pci. */
export function pciCapability(host: HostSystem, address: string): PciCapability {
  const text = (file: string) => functionText(host, address, file) ?? '';
  const physical = physicalFunction(host, address);
  const group = groupOf(host, address);
  const maxCount = functionText(host, address, 'sriov_totalvfs');
  const node = Number(text('numa_node') || -1);
  const [vendor, product] = identities(host, text('vendor'), text('device'));
  const link = linkOf(text);
  return {
    type: 'pci',
    address,
    class: text('class'),
    vendor,
    product,
    isBridge: isBridge(host, address),
    ...(physical !== undefined && { physicalFunction: physical }),
    ...(maxCount !== undefined && {
      virtualFunctions: {
        addresses: [...virtualFunctions(host, address).values()],
        maxCount: Number(maxCount),
      },
    }),
    mdevTypes: mdevTypes(host, address),
    ...(group !== undefined && {
      iommuGroup: { number: Number(group), members: groupMembers(host, group) },
    }),
    // The kernel says -1 where it does not know.
    ...(node >= 0 && { numaNode: node }),
    ...(link && { link }),
    canReset: host.status(`${functionDirectory(address)}/reset`) !== undefined,
  };
}

function identities(host: HostSystem, vendor: string, product: string): readonly [Identity, Identity] {
  const names = pciNames(host, vendor, product);
  return [
    { id: vendor, ...(names.vendor !== undefined && { name: names.vendor }) },
    { id: product, ...(names.product !== undefined && { name: names.product }) },
  ];
}

function linkOf(
  text: (file: string) => string,
): { readonly capable: LinkState; readonly current: LinkState } | undefined {
  const state = (prefix: string): LinkState => ({
    speed: text(`${prefix}_link_speed`),
    width: Number(text(`${prefix}_link_width`)),
  });
  const found = { capable: state('max'), current: state('current') };
  return found.capable.speed === '' || found.capable.speed === 'Unknown' ? undefined : found;
}
