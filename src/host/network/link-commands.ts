import type { InterfaceAddress, InterfaceRoute, InterfaceSetupRequirement } from '../../plan/index.ts';
import { bandwidthCommands } from './bandwidth.ts';
import type { PortSettings } from './port.ts';

/** Commands for a link, and those that undo them: what is undone already must not matter to them. */
export interface LinkCommands {
  readonly act: readonly (readonly string[])[];
  readonly undo: readonly (readonly string[])[];
}

/** How the link was set before, as far as it is to be set otherwise. */
export interface LinkBefore extends PortSettings {
  readonly coalescedFrames: number;
}

/** All that is asked for, and how a link that was there before becomes as it was. */
export function linkCommands(
  requirement: InterfaceSetupRequirement,
  name: string,
  before: LinkBefore,
): LinkCommands {
  const { vlan, bandwidth, link, addresses = [], routes = [], managedMac, coalesceRxFrames } = requirement;
  const parts: readonly LinkCommands[] = [
    ...(vlan === undefined ? [] : [vlanCommands(name, vlan, before.vlans)]),
    ...(requirement.isolated === true ? [isolationCommands(name, before)] : []),
    ...(requirement.macTable === 'managed' ? [macTableCommands(name, managedMac, before)] : []),
    ...(bandwidth === undefined ? [] : [bandwidthCommands(name, bandwidth, link)]),
    addressCommands(name, addresses, routes),
    ...(coalesceRxFrames === undefined ? [] : [coalesceCommands(name, coalesceRxFrames, before)]),
  ];
  return { act: parts.flatMap((p) => p.act), undo: parts.flatMap((p) => p.undo).reverse() };
}

type Vlan = NonNullable<InterfaceSetupRequirement['vlan']>;

/**
 * The VLANs of a bridge's port (bridge(8)). One tag without a trunk: its packets have none inside the guest. A trunk's
 * packets have theirs; those of the native VLAN do if it says `tagged`, and what comes without a tag is of it.
 */
function vlanCommands(
  name: string,
  { tag, trunk }: Vlan,
  before: readonly (readonly string[])[],
): LinkCommands {
  const vlan = (verb: 'add' | 'del', vid: string, ...flags: readonly string[]) => [
    ...['bridge', 'vlan', verb, 'dev', name, 'vid', vid],
    ...flags,
  ];
  const isTrunk = trunk === true || tag.length > 1;
  const wanted = tag.map(({ id, nativeMode }): readonly string[] => {
    if (!isTrunk) return [String(id), 'pvid', 'untagged'];
    return [
      String(id),
      ...(nativeMode === undefined ? [] : nativeMode === 'tagged' ? ['pvid'] : ['pvid', 'untagged']),
    ];
  });
  return {
    act: [
      ...before.map(([vid = '']) => vlan('del', vid)),
      ...wanted.map(([vid = '', ...flags]) => vlan('add', vid, ...flags)),
    ],
    undo: [
      ...before.map(([vid = '', ...flags]) => vlan('add', vid, ...flags)),
      ...wanted.filter(([vid]) => !before.some(([old]) => old === vid)).map(([vid = '']) => vlan('del', vid)),
    ],
  };
}

function isolationCommands(name: string, before: PortSettings): LinkCommands {
  const isolated = (onOff: string) => ['bridge', 'link', 'set', 'dev', name, 'isolated', onOff];
  return before.isolated ? { act: [], undo: [] } : { act: [isolated('on')], undo: [isolated('off')] };
}

/**
 * The bridge learns nothing from the port and floods nothing to it: it is told the guest's address (format: network "bridge",
 * `macTableManager`).
 */
function macTableCommands(name: string, mac: string | undefined, before: PortSettings): LinkCommands {
  const port = (learning: boolean, flood: boolean) => [
    ...['bridge', 'link', 'set', 'dev', name],
    ...['learning', learning ? 'on' : 'off', 'flood', flood ? 'on' : 'off'],
  ];
  const entry = (verb: string) => ['bridge', 'fdb', verb, mac ?? '', 'dev', name, 'master', 'static'];
  return {
    act: [port(false, false), ...(mac === undefined ? [] : [entry('add')])],
    undo: [port(before.learning, before.flood), ...(mac === undefined ? [] : [entry('del')])],
  };
}

/** ethtool(8). */
function coalesceCommands(name: string, frames: number, before: LinkBefore): LinkCommands {
  const coalesce = (count: number) => ['ethtool', '-C', name, 'rx-frames', String(count)];
  return { act: [coalesce(frames)], undo: [coalesce(before.coalescedFrames)] };
}

/** Addresses and routes of the host's end (ip-address(8), ip-route(8)). */
export function addressCommands(
  name: string,
  addresses: readonly InterfaceAddress[],
  routes: readonly InterfaceRoute[],
): LinkCommands {
  const address = (verb: string, { address, prefix, peer, family }: InterfaceAddress) => {
    const length = prefix ?? classPrefix(address, family);
    const ends = peer === undefined ? [`${address}/${length}`] : [address, 'peer', `${peer}/${length}`];
    return ['ip', 'address', verb, ...ends, 'dev', name];
  };
  const route = (verb: string, one: InterfaceRoute) => {
    const [version, destination] = routeDestination(one);
    return [
      ...['ip', version, 'route', verb, destination, 'via', one.gateway, 'dev', name],
      ...(one.metric === undefined ? [] : ['metric', String(one.metric)]),
    ];
  };
  return {
    act: [...addresses.map((a) => address('add', a)), ...routes.map((r) => route('add', r))],
    undo: [...routes.map((r) => route('del', r)), ...addresses.map((a) => address('del', a))].reverse(),
  };
}

/** The option of ip(8) that says the family, and the destination with its prefix. */
export function routeDestination({ address, family, prefix, netmask }: InterfaceRoute): [string, string] {
  const length = prefix ?? netmask ?? (isUnspecified(address) ? 0 : classPrefix(address, family));
  return [isIpv6(address, family) ? '-6' : '-4', `${address}/${length}`];
}

/** The address of the default route. */
function isUnspecified(address: string): boolean {
  return /^[0.:]+$/.test(address);
}

function isIpv6(address: string, family: 'ipv4' | 'ipv6' | undefined): boolean {
  return family === 'ipv6' || address.includes(':');
}

/** The network part of an address that does not say: 64 bits, or what its class gives (RFC 791). */
function classPrefix(address: string, family: 'ipv4' | 'ipv6' | undefined): number {
  if (isIpv6(address, family)) return 64;
  const first = Number.parseInt(address, 10);
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}
