import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { isNetwork, maxPrefix, parseIp } from '../../shared/ip-address.ts';
import { interfaceErrors } from './errors.ts';
import type { Interface } from './model.ts';
import type { InterfaceOf } from './schema.ts';

type Ip = Interface['ip'][number];
type Route = Interface['route'][number];
type PortForward = Interface['portForward'][number];

/** Addresses and routes of the guest's side (user-mode networks alone can give one) and of the host's. */
export function validateAddresses(nic: Interface, cx: ValidateContext): void {
  const guestCan = nic.type === 'user' || (nic.type === 'vhostuser' && nic.backend?.type === 'passt');
  const [first] = [...(guestCan ? [] : nic.ip), ...nic.route];
  if (first !== undefined)
    cx.report.add(interfaceErrors['guest-address'], { address: first.address }, whereIs(first));
  if (guestCan) validateUserAddresses(nic, cx);
  const host: Partial<NonNullable<InterfaceOf<'ethernet'>['source']>> =
    (nic.type === 'ethernet' && nic.source) || {};
  for (const ip of [...nic.ip, ...(host.ip ?? [])]) validateIp(ip, cx);
  for (const route of host.route ?? []) validateRoute(route, cx);
  for (const forward of nic.portForward) validateForward(forward, cx);
}

/** What QEMU's own network can be told; libvirt asks no more of passt. */
const USER_PREFIX = { ipv4: { min: 4, max: 27 }, ipv6: { min: 64, max: 64 } } as const;

function validateUserAddresses(nic: Interface, cx: ValidateContext): void {
  const seen = new Set<string>();
  for (const ip of nic.ip) {
    const { address, family = 'ipv4', prefix, peer } = ip;
    if (peer !== undefined) cx.report.add(interfaceErrors['guest-peer'], { peer }, whereIs(ip, '@peer'));
    if (seen.has(family))
      cx.report.add(interfaceErrors['one-address'], { address, family }, whereIs(ip, '@address'));
    seen.add(family);
    const { min, max } = USER_PREFIX[family];
    if (prefix !== undefined && (prefix < min || prefix > max))
      cx.report.add(interfaceErrors['user-prefix'], { prefix, family, min, max }, whereIs(ip, '@prefix'));
  }
}

function validateIp(ip: Ip, cx: ValidateContext): void {
  const parsed = checkAddress(ip.address, ip, 'address', cx);
  checkAddress(ip.peer, ip, 'peer', cx);
  if (parsed === undefined) return;
  const family = ip.family ?? 'ipv4';
  if (parsed.family !== family)
    cx.report.add(
      interfaceErrors['address-family'],
      { address: ip.address, family },
      whereIs(ip, '@address'),
    );
  else if ((ip.prefix ?? 0) > maxPrefix(family))
    cx.report.add(
      interfaceErrors['prefix-range'],
      { prefix: ip.prefix ?? 0, family },
      whereIs(ip, '@prefix'),
    );
}

function validateRoute(route: Route, cx: ValidateContext): void {
  const address = checkAddress(route.address, route, 'address', cx);
  checkAddress(route.gateway, route, 'gateway', cx);
  const netmask = checkAddress(route.netmask, route, 'netmask', cx);
  if (address === undefined) return;
  const family = route.family ?? 'ipv4';
  if (address.family !== family) {
    cx.report.add(
      interfaceErrors['address-family'],
      { address: route.address, family },
      whereIs(route, '@address'),
    );
    return;
  }
  const prefix =
    route.prefix ?? (netmask === undefined ? defaultPrefix(address.value, family) : maskBits(netmask.value));
  if (prefix > maxPrefix(family))
    cx.report.add(interfaceErrors['prefix-range'], { prefix, family }, whereIs(route, '@prefix'));
  else if (!isNetwork(address, prefix))
    cx.report.add(
      interfaceErrors['route-not-network'],
      { address: route.address },
      whereIs(route, '@address'),
    );
}

/** Without a prefix the class of an IPv4 address counts (RFC 791); the default route has none. */
function defaultPrefix(value: bigint, family: 'ipv4' | 'ipv6'): number {
  if (value === 0n) return 0;
  if (family === 'ipv6') return 64;
  const first = Number(value >> 24n);
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}

function maskBits(mask: bigint): number {
  return [...mask.toString(2)].filter((bit) => bit === '1').length;
}

function validateForward(forward: PortForward, cx: ValidateContext): void {
  checkAddress(forward.address, forward, 'address', cx);
  for (const range of forward.range) {
    const { start, end, to, exclude } = range;
    if (end !== undefined && end < start)
      cx.report.add(interfaceErrors['port-range'], { start, end }, whereIs(range, '@end'));
    if (to !== undefined && exclude === true)
      cx.report.add(interfaceErrors['excluded-to'], { to }, whereIs(range, '@to'));
  }
}

function checkAddress(
  text: string | undefined,
  at: Ip | Route | PortForward,
  name: string,
  cx: ValidateContext,
) {
  if (text === undefined) return undefined;
  const parsed = parseIp(text);
  if (parsed === undefined)
    cx.report.add(interfaceErrors['bad-address'], { address: text }, whereIs(at, `@${name}`));
  return parsed;
}
