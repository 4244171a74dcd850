import type { HostFacts } from '../../../plan/index.ts';
import { parseXml } from '../../../xml/index.ts';
import { Reader } from '../../../xml/schema/index.ts';
import { type NetworkSettings, portgroupOf, settingsOf } from '../../network/connection.ts';
import { ownMode } from '../../network/read.ts';
import { type Network, networkSchema } from '../../network/schema.ts';
import type { PciFunction } from '../../shared/pci-function.ts';
import type { InterfaceType, InterfaceXml } from './schema.ts';

/** A NIC with its defaults: every one but an assigned one has a model, all have a MAC. */
export type Interface = InterfaceXml & {
  readonly mac: { readonly address: string };
  /** What it is really connected to on this host. */
  readonly attachment: Attachment;
  /** Of a NIC that is a host device: whether it is a PCI Express one there. */
  readonly isExpress: boolean;
};

/** Who tells the bridge which address is at which port. */
type MacTable = 'kernel' | 'libvirt' | undefined;

type MacvtapMode = 'vepa' | 'private' | 'bridge' | 'passthrough';

/** What a NIC is really connected to: that of a virtual network depends on the network. */
export type Attachment =
  | {
      readonly kind: 'tap';
      readonly bridge?: string | undefined;
      readonly macTable?: MacTable;
      readonly network?: NetworkSettings;
      /** The bridge is there as long as the network has been started. */
      readonly isStarted?: true;
    }
  | {
      readonly kind: 'macvtap';
      readonly dev: string;
      readonly mode: MacvtapMode;
      readonly network?: NetworkSettings;
    }
  | { readonly kind: 'hostdev'; readonly address: PciFunction; readonly managed: boolean }
  | { readonly kind: 'vhostuser' | 'vdpa' | 'user' | 'socket' }
  | { readonly kind: 'unknown-network'; readonly network: string; readonly portgroup?: string };

type Networks = HostFacts['networks'];

/** What the NIC is connected to, a virtual network being looked up in the host's facts. */
export function attachmentOf(nic: InterfaceXml, networks: Networks): Attachment {
  switch (nic.type) {
    case 'bridge':
      return { kind: 'tap', bridge: nic.source?.bridge, macTable: nic.source?.macTableManager };
    case 'ethernet':
      return { kind: 'tap' };
    case 'direct':
      return { kind: 'macvtap', dev: nic.source?.dev ?? '', mode: nic.source?.mode ?? 'vepa' };
    case 'hostdev': {
      const address = nic.source?.address;
      return {
        kind: 'hostdev',
        address: address?.type === 'pci' ? address : {},
        managed: nic.managed === true,
      };
    }
    case 'network':
      return networkAttachment(nic.source ?? {}, networks);
    case 'vhostuser':
    case 'vdpa':
    case 'user':
      return { kind: nic.type };
    default:
      return { kind: 'socket' };
  }
}

/** Format: network port "plug"; without a port, what the network's definition alone says. */
function networkAttachment(
  {
    network = '',
    portgroup,
  }: { readonly network?: string | undefined; readonly portgroup?: string | undefined },
  networks: Networks,
): Attachment {
  const known = networks[network];
  if (known === undefined) return { kind: 'unknown-network', network };
  const plug = known.port === undefined ? undefined : parseXml(known.port).child('plug');
  if (plug === undefined) return definitionAttachment(network, portgroup, known.definition);
  const { type, bridge, macTableManager, dev, mode, managed } = plug.attributes;
  if (type === 'hostdev-pci')
    return {
      kind: 'hostdev',
      address: pciFunction(plug.child('address')?.attributes ?? {}),
      managed: managed === 'yes',
    };
  if (type === 'direct') return { kind: 'macvtap', dev: dev ?? '', mode: (mode ?? 'vepa') as MacvtapMode };
  return { kind: 'tap', bridge, macTable: macTableManager as MacTable };
}

const MACVTAP_MODES: ReadonlySet<string> = new Set(['vepa', 'private', 'bridge', 'passthrough']);

function definitionAttachment(name: string, portgroup: string | undefined, definition: string): Attachment {
  const network = networkSchema.read(parseXml(definition), new Reader()) as Network;
  const { bridge, forward } = network;
  const group = portgroupOf(network, portgroup);
  const settings = { network: settingsOf({ ...network, name }, group) };
  if (portgroup !== undefined && group === undefined)
    return { kind: 'unknown-network', network: name, portgroup };
  if (bridge?.name !== undefined)
    return {
      kind: 'tap',
      bridge: bridge.name,
      macTable: bridge.macTableManager,
      ...settings,
      ...(ownMode(network) !== undefined && { isStarted: true }),
    };
  const dev = forward?.dev ?? forward?.interface[0]?.dev;
  const mode = forward?.mode ?? 'nat';
  if (dev !== undefined && MACVTAP_MODES.has(mode))
    return { kind: 'macvtap', dev, mode: mode as MacvtapMode, ...settings };
  return { kind: 'unknown-network', network: name };
}

function pciFunction(attributes: Readonly<Record<string, string>>): PciFunction {
  const number = (name: string) => Number(attributes[name] ?? 0);
  return {
    domain: number('domain'),
    bus: number('bus'),
    slot: number('slot'),
    function: number('function'),
  };
}

/** The model in QEMU's or libvirt's words; an assigned NIC has none that counts. */
export function modelOf(nic: InterfaceXml): string {
  return nic.model?.type ?? '';
}

const EXPRESS_MODELS = ['virtio', 'virtio-non-transitional', 'e1000e', 'igb'] as const;

/** Models that libvirt knows by name, in its spelling; their case does not count in the XML. */
const KNOWN_MODELS: ReadonlyMap<string, string> = new Map(
  [
    ...EXPRESS_MODELS,
    ...['virtio-transitional', 'e1000', 'rtl8139', 'usb-net', 'netfront', 'vmxnet', 'vmxnet2', 'vmxnet3'],
    ...[
      'vlance',
      'spapr-vlan',
      'lan9118',
      'scm91c111',
      'Am79C970A',
      'Am79C973',
      '82540EM',
      '82545EM',
      '82543GC',
    ],
  ].map((name) => [name.toLowerCase(), name]),
);

/** The models that libvirt knows by name, QEMU's and others'. */
export const NIC_MODELS: readonly string[] = [...KNOWN_MODELS.values()];

/** libvirt's spelling of a model; one that it does not know stays as it is. */
export function spelledModel(written: string): string {
  return KNOWN_MODELS.get(written.toLowerCase()) ?? written;
}

/**
 * Whether a NIC on PCI sits in an Express port: some models that libvirt knows, and all that it does not know. Where it
 * sits is part of the guest's ABI, so that what the device really is does not count.
 */
export function isExpressModel(model: string): boolean {
  return (EXPRESS_MODELS as readonly string[]).includes(model) || !KNOWN_MODELS.has(model.toLowerCase());
}

/** The types whose link can be told to coalesce packets. */
export const WITH_COALESCE: ReadonlySet<InterfaceType> = new Set(['network', 'bridge']);

/** What has no place on this hypervisor. */
export const FOREIGN_TYPES: ReadonlySet<InterfaceType> = new Set(['internal', 'null', 'vds']);
