import type { Origin } from './option.ts';

interface Requirement<T extends string> {
  readonly type: T;
  readonly from?: Origin;
}

/** A link of the host whose descriptors QEMU inherits: one a queue. */
interface Link<T extends string> extends Requirement<T> {
  /** The interface's alias: `net0`. */
  readonly device: string;
  readonly fds: readonly string[];
  readonly vhostFds: readonly string[];
  readonly mac: string;
  readonly mtu?: number;
  /** Instead of /dev/vhost-net. */
  readonly vhostDevice?: string;
}

/** A tap, opened by descriptor (one per queue) and put on a bridge if one is named. */
export interface TapRequirement extends Link<'tap'> {
  /** The interface's name; a `%d` in it is filled in by the kernel (`vnet%d`). */
  readonly name: string;
  readonly bridge?: string;
  /** The virtual network that makes the bridge. */
  readonly network?: string;
  readonly linkUp: boolean;
  /** Instead of /dev/net/tun. */
  readonly tunDevice?: string;
  /** False: it is there, and is passed on as it is. */
  readonly managed?: boolean;
}

/** A macvtap on top of a host interface, removed after. */
export interface MacvtapRequirement extends Link<'macvtap'> {
  readonly parent: string;
  readonly mode: 'vepa' | 'private' | 'bridge' | 'passthrough';
  /** Absent: it ends like the MAC. */
  readonly name?: string;
  readonly trustGuestRxFilters: boolean;
  readonly linkUp: boolean;
}

/** What is done to an interface's link once it is there; each member is one wish. */
export interface InterfaceSetupRequirement extends Requirement<'interface-setup'> {
  readonly device: string;
  /** The link's name where the XML gives it. */
  readonly name?: string;
  /** What the guest sends, a macvtap sends too; a tap receives it. */
  readonly link: 'tap' | 'macvtap';
  readonly bridge?: string;
  /** Run with the link's name once it is up, and after it has gone. */
  readonly script?: string;
  readonly downScript?: string;
  readonly addresses?: readonly InterfaceAddress[];
  readonly routes?: readonly InterfaceRoute[];
  readonly bandwidth?: Bandwidth;
  /** What the guest gets for sure of all that the virtual network's bridge passes on to guests. */
  readonly share?: BandwidthFloor;
  readonly vlan?: {
    readonly trunk?: boolean | undefined;
    readonly tag: readonly { readonly id: number; readonly nativeMode?: 'tagged' | 'untagged' | undefined }[];
  };
  /** The guest's address, and the machine's UUID: a switch is told whose port it is. */
  readonly mac: string;
  readonly machine: string;
  readonly virtualPort?: {
    readonly type?: string | undefined;
    readonly parameters?: VirtualPortParameters | undefined;
  };
  /** No traffic to other isolated ports of the bridge. */
  readonly isolated?: boolean;
  /** The bridge learns nothing from the port and floods nothing to it: it is told `managedMac`. */
  readonly macTable?: 'managed';
  readonly managedMac?: string | undefined;
  readonly filter?: {
    readonly filter: string;
    readonly parameter: readonly { readonly name: string; readonly value: string }[];
  };
  readonly coalesceRxFrames?: number;
}

/** What goes to a guest (inbound) and what comes from it. */
export interface Bandwidth {
  readonly inbound?: Rates | undefined;
  readonly outbound?: Rates | undefined;
}

/** Kilobytes a second. */
export interface BandwidthFloor {
  readonly bridge: string;
  readonly floor: number;
  /** Of all interfaces of the machine on this bridge. */
  readonly ofMachine: number;
  /** What there is to share out, and the most that one can have. */
  readonly average: number;
  readonly peak: number;
}

/** Of 802.1Qbg, 802.1Qbh, Open vSwitch and midonet. */
export interface VirtualPortParameters {
  readonly managerid?: number | undefined;
  readonly typeid?: number | undefined;
  readonly typeidversion?: number | undefined;
  readonly instanceid?: string | undefined;
  readonly interfaceid?: string | undefined;
  readonly profileid?: string | undefined;
}

export interface InterfaceAddress {
  readonly address: string;
  readonly family?: 'ipv4' | 'ipv6' | undefined;
  readonly prefix?: number | undefined;
  readonly peer?: string | undefined;
}

export interface InterfaceRoute {
  readonly address: string;
  readonly family?: 'ipv4' | 'ipv6' | undefined;
  readonly prefix?: number | undefined;
  readonly netmask?: string | undefined;
  readonly gateway: string;
  readonly metric?: number | undefined;
}

/** Kilobytes a second; burst in kilobytes. */
interface Rates {
  readonly average?: number | undefined;
  readonly peak?: number | undefined;
  readonly floor?: number | undefined;
  readonly burst?: number | undefined;
}

/** A passt process that listens on `socket` for QEMU and ends with it. */
export interface PasstRequirement extends Requirement<'passt'> {
  readonly device: string;
  readonly socket: string;
  /** It speaks vhost-user instead of QEMU's stream protocol. */
  readonly vhostUser: boolean;
  readonly mtu?: number;
  /** The host interface whose addresses and routes the guest gets. */
  readonly sourceInterface?: string;
  readonly logFile?: string;
  readonly addresses: readonly InterfaceAddress[];
  readonly portForwards: readonly {
    readonly proto: 'tcp' | 'udp';
    readonly address?: string;
    readonly dev?: string;
    /** None: all ports. */
    readonly ranges: readonly {
      readonly start: number;
      readonly end?: number;
      readonly to?: number;
      readonly exclude: boolean;
    }[];
  }[];
}

/** A character device of the host (`/dev/vhost-vdpa-0`, `/dev/vhost-scsi`), opened for QEMU to read and write. */
export interface DeviceFdRequirement extends Requirement<'device-fd'> {
  readonly fd: string;
  readonly path: string;
  /** It serves one machine. */
  readonly isAlone?: true;
}

/** A unix socket that the machine and a program that switches packets share; one of the two listens. */
export interface VhostUserSocketRequirement extends Requirement<'vhost-user-socket'> {
  readonly device: string;
  readonly path: string;
  /** QEMU does. */
  readonly listens: boolean;
  /** QEMU waits for the program, and for it to come back. */
  readonly reconnects: boolean;
}

/** A unix socket at a path of the user's at which QEMU listens, and which it may leave there. */
export interface QemuSocketRequirement extends Requirement<'qemu-socket'> {
  readonly device: string;
  readonly path: string;
}

/** A port of the host at which QEMU listens. */
export interface PortRequirement extends Requirement<'port'> {
  readonly device: string;
  readonly protocol: 'tcp' | 'udp';
  /** Empty: all addresses. */
  readonly address: string;
  readonly port: number;
}
