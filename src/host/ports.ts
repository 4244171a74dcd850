import { isIPv4, isIPv6 } from 'node:net';
import { type Listener, listeners, shortest } from './listening-ports.ts';
import { type Claim, type Owners, partsOf } from './owners.ts';
import type { HostSystem } from './system.ts';

/** Ports of the host at which a machine listens. */
export interface Ports {
  readonly protocol: 'tcp' | 'udp';
  /** Empty: all addresses. */
  readonly address: string;
  readonly first: number;
  readonly last: number;
  /** Those of one network interface only. */
  readonly link?: string | undefined;
}

/** Ports are one machine's, at one address or at all of them. */
export function portsClaim(ports: Ports): Claim {
  const { protocol, address, first, last, link } = ports;
  const end = last === first ? '' : `-${last}`;
  return {
    resource: resourceOf(protocol),
    isShared: true,
    part: {
      name: `${protocol}:${address || '*'}${link === undefined ? '' : `%${link}`}:${first}${end}`,
      note: ports,
      isSame: (other) => overlap(ports, other as Ports),
    },
  };
}

/** Ports that machines have, also those at which they do not listen yet. */
export function portsOfMachines(protocol: Ports['protocol'], host: HostSystem, owners: Owners): Ports[] {
  return partsOf(host, owners, resourceOf(protocol)) as Ports[];
}

function resourceOf(protocol: Ports['protocol']): string {
  return `ports:${protocol}`;
}

function overlap(one: Ports, other: Ports): boolean {
  if (one.first > other.last || other.first > one.last) return false;
  if (one.link !== undefined && other.link !== undefined && one.link !== other.link) return false;
  const [a, b] = [placeOf(one.address), placeOf(other.address)];
  if (!a.families.some((family) => b.families.includes(family))) return false;
  return a.isEverywhere || b.isEverywhere || a.address === b.address;
}

/** Whether a program of this network namespace listens at one of them. */
export function isListenedAt({ protocol, address, first, last }: Ports, host: HostSystem): boolean {
  const place = placeOf(address);
  return ['', '6']
    .flatMap((version) => listeners(host.readText(`/proc/net/${protocol}${version}`) ?? '', protocol))
    .some((one) => one.port >= first && one.port <= last && isInTheWay(place, one));
}

/** Whether nothing is left beside a listener. A name, or no address, may be of either family: what is left of it QEMU finds out. */
function isInTheWay({ address, families, isEverywhere }: Place, { address: other }: Listener): boolean {
  const [family, ...others] = families;
  if (others.length > 0 || family !== familyOf(other)) return false;
  return address === other || isEverywhere || placeOf(other).isEverywhere;
}

type Family = 'ipv4' | 'ipv6';

interface Place {
  readonly address: string;
  /** All addresses of these, or one of them; a name may be one of either. */
  readonly families: readonly Family[];
  readonly isEverywhere: boolean;
}

function placeOf(text: string): Place {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  const address = isIPv6(bare) ? shortest(bare) : bare;
  const isEverywhere = ['', '*', '0.0.0.0', '::'].includes(address);
  const family = familyOf(address);
  return { address, families: family === undefined ? ['ipv4', 'ipv6'] : [family], isEverywhere };
}

function familyOf(address: string): Family | undefined {
  return isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
}
