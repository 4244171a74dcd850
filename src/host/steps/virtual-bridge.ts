import { fail } from '../../errors/index.ts';
import type { VirtualBridgeRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { command, ip, linkSettings } from '../ip.ts';
import { networkBandwidthCommands } from '../network/bandwidth.ts';
import { networkErrors } from '../network/errors.ts';
import { addressCommands } from '../network/link-commands.ts';
import { linkOfSubnet } from '../network/routes.ts';
import { requireProgram } from '../programs.ts';
import { linkResource } from './link.ts';
import type { HostStep } from './step.ts';

export interface VirtualBridgeRecord {
  readonly name: string;
  /** No other bridge of this name has it. */
  readonly mac: string;
  readonly [key: string]: unknown;
}

/** The bridge of a virtual network. */
export const virtualBridgeStep: HostStep<VirtualBridgeRequirement, VirtualBridgeRecord> = {
  type: 'virtual-bridge',

  describe: ({ name, addresses }) => ({
    act: `make the bridge '${name}'${addresses.map(({ address }) => ` with the address ${address}`).join(' and')}`,
    undo: 'it is removed, with its addresses and routes',
  }),

  owns: ({ name }) => [linkResource(name)],

  async check({ device, name, bandwidth, addresses }, host) {
    requireProgram(host, 'ip', device);
    if (bandwidth !== undefined) requireProgram(host, 'tc', device);
    if (linkSettings(host, name) !== undefined) throw fail(hostErrors['link-exists'], { device, link: name });
    for (const { address, prefix } of addresses) {
      const link = prefix === undefined ? undefined : linkOfSubnet(address, prefix, host);
      if (link !== undefined)
        throw fail(networkErrors['subnet-in-use'], { network: device, subnet: `${address}/${prefix}`, link });
    }
  },

  async intend({ name, mac }) {
    return { name, mac };
  },

  async apply(requirement, intent, host) {
    const { name, mac, stp, delaySeconds, filtersVlans, mtu, addresses, routes, bandwidth } = requirement;
    await ip(host, [
      ...['link', 'add', 'name', name, 'address', mac, ...(mtu === undefined ? [] : ['mtu', String(mtu)])],
      ...['type', 'bridge', 'forward_delay', String(delaySeconds * CENTISECONDS)],
      ...['stp_state', stp ? '1' : '0', ...(filtersVlans ? ['vlan_filtering', '1'] : [])],
    ]);
    await ip(host, ['link', 'set', 'dev', name, 'up']);
    const limits = bandwidth === undefined ? [] : networkBandwidthCommands(name, bandwidth);
    for (const [program = '', ...args] of [...addressCommands(name, addresses, routes).act, ...limits])
      await command(host, program, args);
    return intent;
  },

  async undo({ name, mac }, host) {
    if (linkSettings(host, name)?.address === mac) await ip(host, ['link', 'delete', 'dev', name]);
  },
};

/** ip-link(8): the kernel's delays are in hundredths of a second. */
const CENTISECONDS = 100;
