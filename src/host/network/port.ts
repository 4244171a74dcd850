import { command, linkText } from '../ip.ts';
import type { HostSystem } from '../system.ts';

/** How a link is set that may be a bridge's port. */
export interface PortSettings {
  /** Each VLAN (`7`, `2-5`) with its flags, in the words of bridge(8). */
  readonly vlans: readonly (readonly string[])[];
  readonly isolated: boolean;
  readonly learning: boolean;
  readonly flood: boolean;
}

/** How a new port of the bridge begins: with the bridge's own VLAN, untagged, if it has one (bridge(8): default_pvid). */
export function newPort(bridge: string | undefined, host: HostSystem): PortSettings {
  const pvid = bridge === undefined ? undefined : linkText(host, bridge, 'bridge/default_pvid');
  const vlans = pvid === undefined || pvid === '0' ? [] : [[pvid, 'pvid', 'untagged']];
  return { vlans, isolated: false, learning: true, flood: true };
}

/** How a port is set now (Documentation/ABI/testing/sysfs-class-net: `brport`). */
export async function portSettings(
  name: string,
  { withVlans }: { readonly withVlans: boolean },
  host: HostSystem,
): Promise<PortSettings> {
  const isOn = (file: string) => linkText(host, name, `brport/${file}`) === '1';
  return {
    vlans: withVlans ? await vlansOf(name, host) : [],
    isolated: isOn('isolated'),
    learning: isOn('learning'),
    flood: isOn('unicast_flood'),
  };
}

/** `bridge -j vlan show` (iproute2). */
interface Port {
  readonly vlans?: readonly {
    readonly vlan: number;
    readonly vlanEnd?: number;
    readonly flags?: readonly string[];
  }[];
}

const FLAGS: Readonly<Record<string, string>> = { PVID: 'pvid', 'Egress Untagged': 'untagged' };

async function vlansOf(name: string, host: HostSystem): Promise<PortSettings['vlans']> {
  const shown = await command(host, 'bridge', ['-j', 'vlan', 'show', 'dev', name]);
  const entries = (JSON.parse(shown) as readonly Port[]).flatMap((port) => port.vlans ?? []);
  return entries.map(({ vlan, vlanEnd, flags = [] }) => [
    vlanEnd === undefined ? String(vlan) : `${vlan}-${vlanEnd}`,
    ...flags.flatMap((flag) => FLAGS[flag] ?? []),
  ]);
}
