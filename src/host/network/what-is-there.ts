import { fail } from '../../errors/index.ts';
import type { InterfaceAddress, InterfaceRoute, InterfaceSetupRequirement } from '../../plan/index.ts';
import { command } from '../ip.ts';
import type { HostSystem } from '../system.ts';
import { networkErrors } from './errors.ts';
import { routeDestination } from './link-commands.ts';

/**
 * What is still to be done to a link that was there before: what somebody else has done to it already stays his, and
 * is not taken back.
 */
export async function withoutWhatIsThere<R extends InterfaceSetupRequirement>(
  requirement: R,
  name: string,
  host: HostSystem,
): Promise<R> {
  const { addresses = [], routes = [], managedMac } = requirement;
  const missing = async <T>(all: readonly T[], isThere: (one: T) => Promise<boolean>) => {
    const there = await Promise.all(all.map(isThere));
    return all.filter((_, index) => !there[index]);
  };
  const isKnown = managedMac !== undefined && (await hasForwardingEntry(name, managedMac, host));
  return {
    ...requirement,
    addresses: await missing(addresses, (address) => hasAddress(name, address, host)),
    routes: await missing(routes, (route) => hasRoute(name, route, host)),
    ...(isKnown && { managedMac: undefined }),
  };
}

async function hasAddress(name: string, { address }: InterfaceAddress, host: HostSystem): Promise<boolean> {
  return (await command(host, 'ip', ['-o', 'address', 'show', 'dev', name, 'to', address])).trim() !== '';
}

async function hasRoute(name: string, route: InterfaceRoute, host: HostSystem): Promise<boolean> {
  const [family, destination] = routeDestination(route);
  const shown = await command(host, 'ip', [family, 'route', 'show', 'exact', destination, 'dev', name]);
  return shown
    .split('\n')
    .filter((line) => line.includes(`via ${route.gateway}`))
    .some((line) => /\bmetric (\d+)/.exec(line)?.[1] === route.metric?.toString());
}

async function hasForwardingEntry(name: string, mac: string, host: HostSystem): Promise<boolean> {
  const shown = await command(host, 'bridge', ['fdb', 'show', 'dev', name]);
  return shown.split('\n').some((line) => line.startsWith(mac.toLowerCase()) && line.includes('master'));
}

/** `tc -j qdisc show` (iproute2). The kernel's own disciplines have the handle 0. */
interface Qdisc {
  readonly kind: string;
  readonly handle: string;
}

/**
 * A queueing discipline that somebody has given to a link is not replaced.
 * @throws QdomError `network/has-qdisc`.
 */
export async function refuseOtherQdiscs(device: string, name: string, host: HostSystem): Promise<void> {
  const shown = await command(host, 'tc', ['-j', 'qdisc', 'show', 'dev', name]);
  const other = (JSON.parse(shown) as readonly Qdisc[]).find(({ handle }) => handle !== '0:');
  if (other !== undefined) throw fail(networkErrors['has-qdisc'], { device, link: name, kind: other.kind });
}

/** The frames for which a link waits before it tells of them (ethtool(8)); 0 where it does not say. */
export async function coalescedFrames(name: string, host: HostSystem): Promise<number> {
  const shown = await command(host, 'ethtool', ['-c', name]);
  return Number(/^rx-frames:\s*(\d+)/m.exec(shown)?.[1] ?? 0);
}
