import type { Bandwidth, InterfaceAddress, InterfaceRoute } from './network-requirement.ts';
import type { Origin } from './option.ts';

interface Requirement<T extends string> {
  readonly type: T;
  readonly from?: Origin;
  /** The virtual network's name. */
  readonly device: string;
}

/** The bridge of a virtual network: made when the network is started, and removed when it ends. */
export interface VirtualBridgeRequirement extends Requirement<'virtual-bridge'> {
  readonly name: string;
  readonly mac: string;
  readonly stp: boolean;
  /** How long a port listens before it forwards. */
  readonly delaySeconds: number;
  readonly filtersVlans: boolean;
  readonly mtu?: number;
  readonly addresses: readonly InterfaceAddress[];
  readonly routes: readonly InterfaceRoute[];
  /** Of all guests together. */
  readonly bandwidth?: Bandwidth;
}

/** The host passes packets on from one link to another. */
export interface IpForwardingRequirement extends Requirement<'ip-forwarding'> {
  readonly family: 'ipv4' | 'ipv6';
}

/** A table of nftables of the network's own. */
export interface FirewallTableRequirement extends Requirement<'firewall-table'> {
  readonly table: string;
  /** Each a command of nft(8) after `add`. */
  readonly rules: readonly string[];
}

/** A dnsmasq that gives the network's guests addresses, names and boot files. */
export interface DnsmasqRequirement extends Requirement<'dnsmasq'> {
  /** Its configuration, its leases, its note and its log are here. */
  readonly directory: string;
  /** Lines of its configuration file (dnsmasq(8)). */
  readonly lines: readonly string[];
}

export type VirtualNetworkRequirement =
  | VirtualBridgeRequirement
  | IpForwardingRequirement
  | FirewallTableRequirement
  | DnsmasqRequirement;
