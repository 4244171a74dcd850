import { SocketAddress } from 'node:net';

/** Where a program of this network namespace listens. */
export interface Listener {
  /** In its shortest form; one of IPv4 that is written as IPv6 is IPv4. */
  readonly address: string;
  readonly port: number;
}

const LISTEN = '0A';
/** What a socket of UDP has that is connected with nobody. */
const UNCONNECTED = '07';

/** The sockets that listen in the text of `/proc/net/tcp` and its like for IPv6 and UDP (kernel: proc_net_tcp). */
export function listeners(table: string, protocol: 'tcp' | 'udp'): Listener[] {
  const listening = protocol === 'tcp' ? LISTEN : UNCONNECTED;
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      return state === listening ? [{ address: readAddress(address), port: Number.parseInt(port, 16) }] : [];
    });
}

/** The ports of listening sockets in the text of `/proc/net/tcp` or `/proc/net/tcp6`. */
export function listeningPorts(table: string): number[] {
  return listeners(table, 'tcp').map(({ port }) => port);
}

const WORD = /.{8}/g;
const BYTE = /../g;

/** Words of 32 bits in hexadecimal, in the byte order of this processor. */
function readAddress(hex: string): string {
  const bytes = (hex.match(WORD) ?? []).flatMap((word) => (word.match(BYTE) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  return shortest(bytes.join('').replace(/.{4}(?=.)/g, '$&:'));
}

const MAPPED = '::ffff:';

/** The form of an IPv6 address that is compared. */
export function shortest(address: string): string {
  const { address: short } = new SocketAddress({ address, family: 'ipv6' });
  return short.startsWith(MAPPED) && short.includes('.') ? short.slice(MAPPED.length) : short;
}
