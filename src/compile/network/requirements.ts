import type { Bandwidth, HostRequirement, InterfaceAddress } from '../../plan/index.ts';
import { maxPrefix, parseIp } from '../shared/ip-address.ts';
import { ownMode } from './read.ts';
import type { Network, NetworkIp } from './schema.ts';

/**
 * What the host must have while a virtual network is active; nothing for one that stands on what somebody else has made.
 * @param directory for dnsmasq's files
 */
export function networkRequirements(network: Network, directory: string): readonly HostRequirement[] {
  const mode = ownMode(network);
  const bridge = network.bridge?.name;
  if (mode === undefined || bridge === undefined) return [];
  const families = new Set(network.ip.map(({ family = 'ipv4' }) => family));
  const forwards = mode === 'isolated' ? [] : [...families];
  const rules = mode === 'open' ? [] : firewallRules(network, mode, bridge);
  const served = dnsmasqLines(network, bridge);
  const device = network.name;
  return [
    bridgeRequirement(network, bridge),
    ...forwards.map((family): HostRequirement => ({ type: 'ip-forwarding', device, family })),
    ...(rules.length === 0
      ? []
      : [{ type: 'firewall-table', device, table: tableOf(bridge), rules } satisfies HostRequirement]),
    ...(served === undefined
      ? []
      : [{ type: 'dnsmasq', device, directory, lines: served } satisfies HostRequirement]),
  ];
}

function bridgeRequirement(network: Network, name: string): HostRequirement {
  const { bridge, mac, mtu, ip, route, bandwidth } = network;
  return {
    type: 'virtual-bridge',
    device: network.name,
    name,
    mac: mac ?? '',
    stp: bridge?.stp !== false,
    delaySeconds: bridge?.delay ?? 0,
    filtersVlans: bridge?.macTableManager === 'libvirt',
    ...(mtu !== undefined && { mtu }),
    ...(bandwidth !== undefined && { bandwidth: JSON.parse(JSON.stringify(bandwidth)) as Bandwidth }),
    addresses: ip.flatMap((one): InterfaceAddress[] =>
      one.address === undefined
        ? []
        : [{ address: one.address, family: one.family ?? 'ipv4', prefix: prefixOf(one) }],
    ),
    routes: route.map(({ address, family, netmask, prefix, gateway, metric }) => ({
      ...{ address, gateway },
      ...(family !== undefined && { family }),
      ...(netmask !== undefined && { netmask }),
      ...(prefix !== undefined && { prefix }),
      ...(metric !== undefined && { metric }),
    })),
  };
}

/** The network part of an address: what is written, or what its class gives (RFC 791). */
function prefixOf({ address = '', prefix, netmask, family }: NetworkIp): number {
  if (prefix !== undefined) return prefix;
  const mask = netmask === undefined ? undefined : parseIp(netmask)?.value;
  if (mask !== undefined) return [...mask.toString(2)].filter((bit) => bit === '1').length;
  if (family === 'ipv6') return 64;
  const first = Number.parseInt(address, 10);
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}

function tableOf(bridge: string): string {
  return `qdom_${bridge.replace(/\W/g, '_')}`;
}

/** Who may talk to whom (format: network "Connectivity"), in the words of nft(8). */
function firewallRules(
  network: Network,
  mode: 'isolated' | 'nat' | 'route',
  bridge: string,
): readonly string[] {
  const { forward, ip } = network;
  const table = `inet ${tableOf(bridge)}`;
  const [into, from] = [`oifname ${quoted(bridge)}`, `iifname ${quoted(bridge)}`];
  const [over, via] =
    forward?.dev === undefined
      ? ['', '']
      : [`oifname ${quoted(forward.dev)} `, `iifname ${quoted(forward.dev)} `];
  const rule = (chain: string, text: string) => `rule ${table} ${chain} ${text}`;
  const nets = mode === 'isolated' ? [] : ip.flatMap((one) => networkOf(one));
  const forwarded = nets.flatMap(({ word, net, isIpv4 }) => {
    const isTranslated = mode === 'nat' && (isIpv4 || forward?.nat?.ipv6 === true);
    const answers = isTranslated ? 'ct state established,related ' : '';
    return [
      rule('forward', `${via}${into} ${word} daddr ${net} ${answers}accept`),
      rule('forward', `${from} ${over}${word} saddr ${net} accept`),
    ];
  });
  return [
    `chain ${table} forward { type filter hook forward priority 0 ; policy accept ; }`,
    ...forwarded,
    rule('forward', `${from} ${into} accept`),
    rule('forward', `${into} reject`),
    rule('forward', `${from} reject`),
    ...(mode === 'nat' ? translation(network, table, over) : []),
  ];
}

interface IpNetwork {
  readonly word: 'ip' | 'ip6';
  readonly net: string;
  readonly isIpv4: boolean;
}

function networkOf(ip: NetworkIp): IpNetwork[] {
  if (ip.address === undefined) return [];
  const isIpv4 = (ip.family ?? 'ipv4') === 'ipv4';
  return [{ word: isIpv4 ? 'ip' : 'ip6', net: `${ip.address}/${prefixOf(ip)}`, isIpv4 }];
}

/** What leaves the network has the host's address, or one of those that are given; multicast and broadcast stay as they are. */
function translation({ forward, ip }: Network, table: string, over: string): readonly string[] {
  const { address, port, ipv6 } = forward?.nat ?? {};
  const ports = port === undefined ? '' : `:${port.start}-${port.end}`;
  const to = ({ word, isIpv4 }: IpNetwork, among: string) =>
    address !== undefined && isIpv4 === (parseIp(address.start)?.family === 'ipv4')
      ? `snat ${word} to ${address.start}-${address.end}${among}`
      : `masquerade${among === '' ? '' : ` to ${among}`}`;
  const only = port === undefined ? '' : 'meta l4proto { tcp, udp } ';
  const nets = ip.flatMap(networkOf).filter(({ isIpv4 }) => isIpv4 || ipv6 === true);
  return [
    `chain ${table} postrouting { type nat hook postrouting priority 100 ; policy accept ; }`,
    ...nets.flatMap((one) => {
      const { word, net, isIpv4 } = one;
      const everybody = isIpv4 ? '{ 224.0.0.0/24, 255.255.255.255 }' : 'ff00::/8';
      const leaving = `${over}${word} saddr ${net} ${word} daddr != ${net}`;
      const rule = `rule ${table} postrouting`;
      return [
        `${rule} ${word} saddr ${net} ${word} daddr ${everybody} return`,
        `${rule} ${leaving} ${only}${to(one, ports)}`,
        // What has no ports.
        ...(port === undefined ? [] : [`${rule} ${leaving} ${to(one, '')}`]),
      ];
    }),
  ];
}

function quoted(name: string): string {
  return `"${name}"`;
}

/** Lines of dnsmasq's configuration; undefined where the network asks for nothing that it gives. */
function dnsmasqLines(network: Network, bridge: string): readonly string[] | undefined {
  const { ip, dns, domain } = network;
  const asks = ip.some(({ dhcp, tftp }) => dhcp !== undefined || tftp !== undefined);
  if (!asks && dns === undefined && domain === undefined) return undefined;
  return [
    ...['no-hosts', 'strict-order', 'bind-dynamic', 'except-interface=lo', `interface=${bridge}`],
    ...(dns?.enable === false ? ['port=0'] : []),
    ...(ownMode(network) === 'isolated' ? ['dhcp-option=3', 'no-resolv'] : []),
    ...(domain?.name === undefined ? [] : [`domain=${domain.name}`, 'expand-hosts']),
    ...(domain?.name !== undefined && domain.localOnly === true ? [`local=/${domain.name}/`] : []),
    ...(dns?.forwarder ?? []).map(
      ({ addr = '', domain: only }) => `server=${only === undefined ? '' : `/${only}/`}${addr}`,
    ),
    ...(dns?.host ?? []).flatMap((host) => host.hostname.map((name) => `host-record=${name},${host.ip}`)),
    ...ip.flatMap(addressLines),
  ];
}

function addressLines(ip: NetworkIp): readonly string[] {
  const { dhcp, tftp, family } = ip;
  const { range = [], host = [], bootp } = dhcp ?? {};
  const mask = family === 'ipv6' ? String(prefixOf(ip)) : dottedMask(prefixOf(ip));
  return [
    ...range.map(({ start, end }) => `dhcp-range=${start},${end},${mask}`),
    ...(range.length > 0 ? ['dhcp-no-override', 'dhcp-authoritative'] : []),
    // Addresses that are only for those who are known.
    ...(range.length === 0 && host.length > 0 ? [`dhcp-range=${ip.address ?? ''},static,${mask}`] : []),
    ...host.map((one) =>
      [
        'dhcp-host=',
        one.mac ?? '',
        one.id === undefined ? '' : `id:${one.id}`,
        family === 'ipv6' ? `[${one.ip}]` : one.ip,
        one.name ?? '',
      ]
        .filter((word) => word !== '')
        .join(',')
        .replace('=,', '='),
    ),
    ...(tftp === undefined ? [] : ['enable-tftp', `tftp-root=${tftp}`]),
    ...(bootp === undefined
      ? []
      : [`dhcp-boot=${bootp.file}${bootp.server === undefined ? '' : `,,${bootp.server}`}`]),
  ];
}

function dottedMask(prefix: number): string {
  const bits = '1'.repeat(prefix).padEnd(maxPrefix('ipv4'), '0');
  return [0, 8, 16, 24].map((at) => Number.parseInt(bits.slice(at, at + 8), 2)).join('.');
}
