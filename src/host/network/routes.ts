import { isIPv4 } from 'node:net';
import type { HostSystem } from '../system.ts';

/** Addresses of IPv4 that have the first bits in common. */
interface Subnet {
  readonly base: number;
  readonly mask: number;
}

/** A route that a link of the host has (proc(5): /proc/net/route). */
interface Route extends Subnet {
  readonly link: string;
}

const BYTE = 256;
const ADDRESS_BITS = 32;

/**
 * The link by which the host reaches a subnet, or a part of it, so that a bridge with an address in it would take that away.
 * Undefined where there is none; a default route, or one to more than this, leads elsewhere for the rest.
 * @param address of IPv4
 */
export function linkOfSubnet(address: string, prefix: number, host: HostSystem): string | undefined {
  const mask = prefix === 0 ? 0 : (-1 << (ADDRESS_BITS - prefix)) >>> 0;
  const isInside = (route: Route) => isNarrower(route, mask) && inMask(route.base, mask) === base;
  const base = inMask(numberOf(address.split('.').map(Number)), mask);
  return isIPv4(address) ? routes(host).find(isInside)?.link : undefined;
}

function isNarrower(route: Subnet, mask: number): boolean {
  return route.mask !== 0 && inMask(route.mask, mask) === mask;
}

function inMask(value: number, mask: number): number {
  return (value & mask) >>> 0;
}

function numberOf(bytes: readonly number[]): number {
  return bytes.reduce((all, byte) => all * BYTE + byte, 0);
}

function routes(host: HostSystem): readonly Route[] {
  const lines = (host.readText('/proc/net/route') ?? '').split('\n').slice(1);
  return lines.flatMap((line) => {
    const [link = '', base = '', , , , , , mask = ''] = line.split('\t').map((word) => word.trim());
    return link === '' ? [] : [{ link, base: read(base), mask: read(mask) }];
  });
}

/** In hexadecimal, in the byte order of this processor. */
function read(hex: string): number {
  return numberOf((hex.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
}
