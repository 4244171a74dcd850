import type { Capability, NodeDevice, PciCapability } from '../host/node-devices/index.ts';
import { type OutElement, printXml } from '../xml/index.ts';

/** A device of the host as XML (formatnode: "Node Device XML"). */
export function nodeDeviceXml({ name, path, parent, driver, capability }: NodeDevice): string {
  return printXml(
    element('device', {}, [
      element('name', {}, name),
      ...(capability.type === 'system' || path === undefined ? [] : [element('path', {}, path)]),
      ...(parent === undefined ? [] : [element('parent', {}, parent)]),
      ...(driver === undefined ? [] : [element('driver', {}, [element('name', {}, driver)])]),
      element('capability', { type: capability.type }, capabilityElements(capability)),
    ]),
  );
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly OutElement[] | string | number = [],
): OutElement {
  const given = Object.entries(attributes).map(([k, v]) => [k, String(v)] as const);
  return typeof content === 'object'
    ? { name, attributes: given, children: content }
    : { name, attributes: given, children: [], text: String(content) };
}

function capabilityElements(capability: Capability): readonly OutElement[] {
  switch (capability.type) {
    case 'system':
      return [];
    case 'pci':
      return pciElements(capability);
    case 'usb_device':
      return [
        element('bus', {}, capability.bus),
        element('device', {}, capability.device),
        identity('product', capability.product),
        identity('vendor', capability.vendor),
      ];
    case 'net':
      return [
        element('interface', {}, capability.interface),
        element('address', {}, capability.address),
        element('link', { state: capability.state }),
      ];
    case 'scsi_host':
      return [
        element('host', {}, capability.host),
        ...(capability.uniqueId === undefined ? [] : [element('unique_id', {}, capability.uniqueId)]),
      ];
    case 'scsi':
      return (['host', 'bus', 'target', 'lun'] as const).map((n) => element(n, {}, capability[n]));
    case 'storage':
      return [
        element('block', {}, capability.block),
        ...(capability.model === undefined ? [] : [element('model', {}, capability.model)]),
        element('size', {}, capability.sizeBytes),
      ];
    case 'mdev':
      return [
        element('type', { id: capability.mdevType }),
        element('uuid', {}, capability.uuid),
        element('parent_addr', {}, capability.parentAddress),
        ...(capability.attributes ?? []).map(({ name, value }) => element('attr', { name, value })),
        ...(capability.iommuGroup === undefined
          ? []
          : [element('iommuGroup', { number: capability.iommuGroup })]),
      ];
  }
}

/** The numbers of the function itself are decimal, those of addresses hexadecimal: so virsh prints them. */
function pciElements(pci: PciCapability): readonly OutElement[] {
  const { iommuGroup, virtualFunctions, physicalFunction, mdevTypes, numaNode, link } = pci;
  const { domain, bus, slot, function: number } = parts(pci.address);
  return [
    element('class', {}, pci.class),
    element('domain', {}, Number.parseInt(domain, 16)),
    element('bus', {}, Number.parseInt(bus, 16)),
    element('slot', {}, Number.parseInt(slot, 16)),
    element('function', {}, Number(number)),
    identity('product', pci.product),
    identity('vendor', pci.vendor),
    ...(pci.isBridge ? [element('capability', { type: 'pci-bridge' })] : []),
    ...(physicalFunction === undefined
      ? []
      : [element('capability', { type: 'phys_function' }, [address(physicalFunction)])]),
    ...(virtualFunctions === undefined
      ? []
      : [
          element(
            'capability',
            { type: 'virt_functions', maxCount: virtualFunctions.maxCount },
            virtualFunctions.addresses.map(address),
          ),
        ]),
    ...(mdevTypes.length === 0
      ? []
      : [element('capability', { type: 'mdev_types' }, mdevTypes.map(mdevTypeElement))]),
    ...(iommuGroup === undefined
      ? []
      : [element('iommuGroup', { number: iommuGroup.number }, iommuGroup.members.map(address))]),
    ...(numaNode === undefined ? [] : [element('numa', { node: numaNode })]),
    ...(link === undefined
      ? []
      : [
          element('pci-express', {}, [
            element('link', { validity: 'cap', ...linkAttributes(link.capable) }),
            element('link', { validity: 'sta', ...linkAttributes(link.current) }),
          ]),
        ]),
  ];
}

function linkAttributes({ speed, width }: { readonly speed: string; readonly width: number }) {
  return { speed: speed.replace(/ .*$/, ''), width };
}

function mdevTypeElement({ id, name, deviceApi, availableInstances }: PciCapability['mdevTypes'][number]) {
  return element('type', { id }, [
    ...(name === undefined ? [] : [element('name', {}, name)]),
    element('deviceAPI', {}, deviceApi),
    element('availableInstances', {}, availableInstances),
  ]);
}

function identity(name: string, { id, name: words = '' }: { readonly id: string; readonly name?: string }) {
  return element(name, { id }, words);
}

function address(of: string): OutElement {
  const { domain, bus, slot, function: number } = parts(of);
  return element('address', {
    ...{ domain: `0x${domain}`, bus: `0x${bus}`, slot: `0x${slot}`, function: `0x${number}` },
  });
}

function parts(address: string) {
  const [domain = '0', bus = '0', rest = '0.0'] = address.split(':');
  const [slot = '0', number = '0'] = rest.split('.');
  return { domain, bus, slot, function: number };
}
