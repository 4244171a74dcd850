import type { BandwidthFloor, HostRequirement, InterfaceSetupRequirement } from '../../../plan/index.ts';
import { mergePorts } from '../../network/connection.ts';
import type { Placed } from '../../shared/device-base.ts';
import type { Attachment, Interface } from './model.ts';

type Link = Extract<Attachment, { kind: 'tap' | 'macvtap' }>;

interface Descriptors {
  readonly fds: readonly string[];
  readonly vhostFds: readonly string[];
}

/** What the host must give for a tap or macvtap: the link itself, then what is done to it once it is there. */
export function linkRequirements(
  nic: Placed<Interface>,
  attachment: Link,
  descriptors: Descriptors,
  machine: string,
): readonly HostRequirement[] {
  const common = {
    device: nic.id,
    ...descriptors,
    mac: nic.mac.address,
    ...(nic.mtu !== undefined && { mtu: nic.mtu }),
    ...(nic.backend?.vhost !== undefined && { vhostDevice: nic.backend.vhost }),
  };
  const setup = setupOf(nic, attachment, machine);
  const isOnSwitch = setup?.virtualPort?.type === 'openvswitch';
  const link: HostRequirement =
    attachment.kind === 'macvtap'
      ? {
          type: 'macvtap',
          ...common,
          parent: attachment.dev,
          mode: attachment.mode,
          ...(nic.target?.dev !== undefined && { name: nic.target.dev }),
          trustGuestRxFilters: (nic.trustGuestRxFilters ?? attachment.network?.trustGuestRxFilters) === true,
          linkUp: nic.link !== 'down',
        }
      : {
          type: 'tap',
          ...common,
          name: nic.target?.dev ?? 'vnet%d',
          linkUp: nic.link !== 'down',
          // A switch's port is made by telling the switch, once the tap is there.
          ...(attachment.bridge !== undefined && !isOnSwitch && { bridge: attachment.bridge }),
          ...(attachment.isStarted === true && { network: attachment.network?.network ?? '' }),
          ...(nic.backend?.tap !== undefined && { tunDevice: nic.backend.tap }),
          ...(nic.target?.managed === false && { managed: false }),
        };
  return setup === undefined ? [link] : [link, setup];
}

/** What is done to a link beyond making it; undefined if nothing is asked for. */
function setupOf(
  nic: Placed<Interface>,
  attachment: Link,
  machine: string,
): InterfaceSetupRequirement | undefined {
  const source = nic.type === 'ethernet' ? nic.source : undefined;
  const { network } = attachment;
  const bandwidth = nic.bandwidth ?? network?.bandwidth;
  const vlan = nic.vlan ?? network?.vlan;
  const { port: virtualPort } = mergePorts(virtualPortsOf(nic, attachment));
  const isIsolated = (nic.port?.isolated ?? network?.isolated) === true && attachment.kind === 'tap';
  const share = shareOf(bandwidth?.inbound?.floor, attachment);
  const frames = nic.coalesce?.rx?.frames?.max;
  const wanted = {
    ...(nic.script !== undefined && { script: nic.script }),
    ...(nic.downscript !== undefined && { downScript: nic.downscript }),
    ...(source !== undefined && { addresses: source.ip.map(plain), routes: source.route.map(plain) }),
    ...(bandwidth !== undefined && { bandwidth: plain(bandwidth) }),
    ...(share !== undefined && { share }),
    ...(vlan !== undefined && { vlan: plain(vlan) }),
    ...(virtualPort !== undefined && { virtualPort: plain(virtualPort) }),
    ...(isIsolated && { isolated: true }),
    ...(attachment.kind === 'tap' &&
      attachment.macTable === 'libvirt' && { macTable: 'managed' as const, managedMac: nic.mac.address }),
    ...(nic.filterref !== undefined && { filter: plain(nic.filterref) }),
    ...(frames !== undefined && { coalesceRxFrames: frames }),
  };
  if (Object.keys(wanted).length === 0) return undefined;
  const bridge = attachment.kind === 'tap' ? attachment.bridge : undefined;
  const name = nic.target?.dev;
  const link = {
    link: attachment.kind,
    ...(name !== undefined && { name }),
    ...(bridge !== undefined && { bridge }),
    mac: nic.mac.address,
    machine,
  };
  return { type: 'interface-setup', device: nic.id, ...link, ...wanted };
}

/** Format: network "Quality of service": `floor` is a part of what the network gives to all its guests. */
function shareOf(floor: number | undefined, attachment: Link): BandwidthFloor | undefined {
  if (floor === undefined || attachment.kind !== 'tap') return undefined;
  const { bridge, network } = attachment;
  const { average, peak = average } = network?.inbound ?? {};
  if (bridge === undefined || average === undefined || peak === undefined) return undefined;
  return { bridge, floor, ofMachine: floor, average, peak };
}

/** What one machine is given of a bridge is asked for as a whole. */
export function withSharesTogether(host: readonly HostRequirement[]): readonly HostRequirement[] {
  const shares = host.flatMap((one) => (one.type === 'interface-setup' ? (one.share ?? []) : []));
  if (shares.length < 2) return host;
  const ofMachine = (bridge: string) =>
    shares.reduce((sum, share) => (share.bridge === bridge ? sum + share.floor : sum), 0);
  return host.map((one) =>
    one.type === 'interface-setup' && one.share !== undefined
      ? { ...one, share: { ...one.share, ofMachine: ofMachine(one.share.bridge) } }
      : one,
  );
}

/** What is said of the port: by the interface, by its portgroup, by its network. */
export function virtualPortsOf(nic: Interface, attachment: Attachment) {
  const own = nic.virtualport === undefined ? [] : [nic.virtualport];
  return 'network' in attachment && typeof attachment.network === 'object'
    ? [...own, ...attachment.network.virtualports]
    : own;
}

/** A copy of what was read, without its place in the XML: requirements are plain data. */
function plain<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
