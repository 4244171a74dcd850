import { parseXml, printXml, whereIs } from '../../xml/index.ts';
import { Reader } from '../../xml/schema/index.ts';
import { Report } from '../report.ts';
import { parseIp } from '../shared/ip-address.ts';
import { virtualNetworkErrors } from './errors.ts';
import { type Network, networkSchema } from './schema.ts';

/** The modes whose bridge is ours: made when the network is started, and removed when it ends. */
export type OwnMode = 'isolated' | 'nat' | 'route' | 'open';

export function ownMode({ forward }: Network): OwnMode | undefined {
  const mode = forward === undefined ? 'isolated' : (forward.mode ?? 'nat');
  return mode === 'isolated' || mode === 'nat' || mode === 'route' || mode === 'open' ? mode : undefined;
}

/**
 * Reads the definition of a virtual network.
 * @param report where warnings are put
 * @throws QdomError with every error that was found
 */
export function readNetwork(text: string, file?: string, report = new Report()): Network {
  const root = parseXml(text, file);
  if (root.name !== 'network') {
    report.add(virtualNetworkErrors['not-a-network'], { name: root.name }, root.where());
    report.end();
  }
  const reader = new Reader();
  const network = networkSchema.read(root, reader) as Network;
  report.addAll(reader.diagnostics);
  report.end();
  validate(network, report);
  report.end();
  return network;
}

/** What is kept of a definition. */
export function printNetwork(network: Network): string {
  return printXml(networkSchema.write(network as never, 'network'));
}

function validate(network: Network, report: Report): void {
  const { forward, bridge, ip, route } = network;
  const mode = forward?.mode ?? 'nat';
  if (mode === 'hostdev')
    report.add(virtualNetworkErrors['functions-not-implemented'], { mode }, whereIs(forward, '@mode'));
  if (bridge?.name !== undefined && !/^[^\s/:%]{1,15}$/.test(bridge.name))
    report.add(virtualNetworkErrors['bad-bridge-name'], { bridge: bridge.name }, whereIs(bridge, '@name'));
  const isOwn = ownMode(network) !== undefined;
  const hasSource =
    bridge?.name !== undefined || forward?.dev !== undefined || forward?.interface[0] !== undefined;
  if (!isOwn && !hasSource && mode !== 'hostdev')
    report.add(virtualNetworkErrors['needs-bridge-or-interface'], { mode }, whereIs(forward));
  const [address] = [...ip, ...route];
  if (!isOwn && address !== undefined)
    report.add(virtualNetworkErrors['no-address-here'], { mode }, whereIs(address));
  if (!isOwn && network.bandwidth !== undefined)
    report.add(virtualNetworkErrors['no-bandwidth-here'], { mode }, whereIs(network.bandwidth));
  for (const one of ip) validateAddresses(one, report);
}

function validateAddresses(ip: Network['ip'][number], report: Report): void {
  const family = ip.family ?? 'ipv4';
  const dhcp = ip.dhcp ?? { range: [], host: [] };
  const addresses = [
    ip.address,
    ip.netmask,
    ...dhcp.range.flatMap(({ start, end }) => [start, end]),
    ...dhcp.host.map((host) => host.ip),
  ];
  for (const address of addresses)
    if (address !== undefined && parseIp(address)?.family !== family)
      report.add(virtualNetworkErrors['bad-address'], { address }, whereIs(ip));
}
