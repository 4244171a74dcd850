import { ownMode } from './read.ts';
import type { Network } from './schema.ts';

type Portgroup = Network['portgroup'][number];
type Virtualport = NonNullable<Network['virtualport']>;

/** What a network or its portgroup says of each connection to it; the interface itself has the first word. */
export interface NetworkSettings {
  readonly network: string;
  /** It has to be started: its bridge is ours. */
  readonly vlan?: Network['vlan'];
  readonly bandwidth?: Network['bandwidth'];
  /** What goes to all guests together; only a bridge of the network's own shares it out. */
  readonly inbound?: NonNullable<Network['bandwidth']>['inbound'];
  readonly virtualports: readonly Virtualport[];
  readonly isolated: boolean;
  readonly trustGuestRxFilters: boolean;
}

/** The portgroup that an interface names, or the network's default one; undefined if there is none of that name. */
export function portgroupOf(network: Network, name: string | undefined): Portgroup | undefined {
  return network.portgroup.find((group) =>
    name === undefined ? group.default === true : group.name === name,
  );
}

/**
 * Format: network "Portgroups". A portgroup's word counts before the network's; the `<bandwidth>` of a network is that of its
 * bridge.
 */
export function settingsOf(network: Network, group: Portgroup | undefined): NetworkSettings {
  return {
    network: network.name,
    vlan: group?.vlan ?? network.vlan,
    bandwidth: group?.bandwidth,
    inbound: ownMode(network) === undefined ? undefined : network.bandwidth?.inbound,
    virtualports: [group?.virtualport, network.virtualport].filter((port) => port !== undefined),
    isolated: network.port?.isolated === true,
    trustGuestRxFilters: (group?.trustGuestRxFilters ?? network.trustGuestRxFilters) === true,
  };
}

/** One `<virtualport>` of several, of which the first has the first word; the name of what two give differently. */
export function mergePorts(ports: readonly Virtualport[]): {
  readonly port: Virtualport | undefined;
  readonly contradiction: string | undefined;
} {
  const words = (port: Virtualport) => Object.entries({ type: port.type, ...port.parameters });
  const merged: Record<string, unknown> = {};
  let contradiction: string | undefined;
  for (const [key, value] of ports.flatMap(words)) {
    if (value === undefined) continue;
    if (merged[key] !== undefined && merged[key] !== value) contradiction ??= key;
    merged[key] ??= value;
  }
  if (ports.length === 0) return { port: undefined, contradiction };
  const { type, ...parameters } = merged;
  return { port: { type, parameters } as Virtualport, contradiction };
}
