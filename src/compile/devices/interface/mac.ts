import type { ParsedDomain } from '../../domain.ts';
import type { InterfaceXml } from './schema.ts';

/** The MAC that a NIC has by its definition; one of nothing but zeroes says that there is none. */
export function writtenMac(nic: InterfaceXml): string | undefined {
  const address = nic.mac?.address;
  return address === '00:00:00:00:00:00' ? undefined : address;
}

/**
 * A MAC in QEMU's range (52:54:00) for a NIC that has none: a function of the domain's UUID and the NIC's place,
 * so that the same definition gives the same one.
 */
export function generatedMac(nic: InterfaceXml, domain: ParsedDomain): string {
  const all = domain.devices.interface as readonly InterfaceXml[];
  return macsOf(all, domain.uuid ?? '').get(nic) ?? '52:54:00:00:00:00';
}

/** A memo and no state: the list of NICs never changes. */
const known = new WeakMap<readonly InterfaceXml[], ReadonlyMap<InterfaceXml, string>>();

function macsOf(all: readonly InterfaceXml[], uuid: string): ReadonlyMap<InterfaceXml, string> {
  const before = known.get(all);
  if (before !== undefined) return before;
  const taken = new Set(all.map((nic) => nic.mac?.address));
  const macs = new Map<InterfaceXml, string>();
  all.forEach((nic, index) => {
    if (writtenMac(nic) !== undefined) return;
    let attempt = 0;
    let mac = macOf(`${uuid} ${index} ${attempt}`);
    while (taken.has(mac)) mac = macOf(`${uuid} ${index} ${++attempt}`);
    taken.add(mac);
    macs.set(nic, mac);
  });
  known.set(all, macs);
  return macs;
}

/** A UUID (version 4 by its form) of the same kind, for an id named `what` that the NIC needs. */
export function generatedUuid(nic: InterfaceXml, what: string, domain: ParsedDomain): string {
  const index = (domain.devices.interface as readonly InterfaceXml[]).indexOf(nic);
  const words = [0, 1, 2, 3].map((n) => fnv1a(`${domain.uuid ?? ''} ${what} ${index} ${n}`));
  const digits = words.map((word) => word.toString(16).padStart(8, '0')).join('');
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
}

function macOf(seed: string): string {
  const hash = fnv1a(seed);
  const octets = [hash >>> 16, hash >>> 8, hash].map((n) => (n & 0xff).toString(16).padStart(2, '0'));
  return `52:54:00:${octets.join(':')}`;
}

/** FNV-1a, 32 bits: spreads well, and needs no library in pure code. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
