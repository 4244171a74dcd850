export type IpFamily = 'ipv4' | 'ipv6';

/** A numeric IP address: its family and its bits. */
export interface IpAddress {
  readonly family: IpFamily;
  readonly value: bigint;
}

const BITS = { ipv4: 32, ipv6: 128 } as const;

/** The longest prefix of a family. */
export function maxPrefix(family: IpFamily): number {
  return BITS[family];
}

/** `192.168.0.1` or `fe80::1` (RFC 4291, 2.2); undefined for what is neither. */
export function parseIp(text: string): IpAddress | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { family: 'ipv4', value: v4 };
  const v6 = parseV6(text);
  return v6 === undefined ? undefined : { family: 'ipv6', value: v6 };
}

/** Whether no bit after the prefix is set. */
export function isNetwork({ family, value }: IpAddress, prefix: number): boolean {
  const hostBits = BigInt(BITS[family] - prefix);
  return (value >> hostBits) << hostBits === value;
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((p) => /^\d{1,3}$/.test(p) && Number(p) <= 255)) return undefined;
  return parts.reduce((sum, p) => (sum << 8n) | BigInt(p), 0n);
}

const GROUPS = 8;

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, i) => groupsOf(half, i === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = GROUPS - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...(tail ?? [])];
  return groups.reduce((sum, group) => (sum << 16n) | group, 0n);
}

/** 16-bit groups; the last of all can be an IPv4 address, which is two. */
function groupsOf(text: string, isEnd: boolean): bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    const v4 = isEnd && index === parts.length - 1 && part.includes('.') ? parseV4(part) : undefined;
    if (v4 !== undefined) groups.push(v4 >> 16n, v4 & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
