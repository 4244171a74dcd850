import { fail } from '../../errors/index.ts';
import type { MacvtapRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { ip, linkSettings, linkText } from '../ip.ts';
import { networkErrors } from '../network/errors.ts';
import type { Claim } from '../owners.ts';
import { requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import { waitUntil } from '../wait.ts';
import { checkVhost, linkResource, nameDescriptors, openVhost } from './link.ts';
import type { HostStep } from './step.ts';

export interface MacvtapRecord {
  readonly name: string;
  readonly parent: string;
  /** Of the parent: nobody else's macvtap of this name has it. */
  readonly parentIndex: string;
  readonly parentWasUp: boolean;
  /** In mode passthrough the parent takes the guest's MAC. */
  readonly parentAddress: string;
  /** The parent receives all multicast. */
  readonly allMulticast: boolean;
  readonly [key: string]: unknown;
}

/** How long udev may take to make the device node. */
const NODE_TIMEOUT_MS = 5_000;

/** A macvtap, made on a link of the host and removed after; its queues are passed to QEMU as descriptors. */
export const macvtapStep: HostStep<MacvtapRequirement, MacvtapRecord> = {
  type: 'macvtap',

  describe: (requirement) => ({
    act: [
      `make the macvtap '${nameOf(requirement)}' on '${requirement.parent}', mode ${requirement.mode}`,
      ...(requirement.vhostFds.length > 0 ? ['with vhost-net'] : []),
    ].join(' '),
    undo: `it is removed, and '${requirement.parent}' gets its MAC and link state back`,
  }),

  owns: (requirement) => [linkResource(nameOf(requirement)), parentClaim(requirement)],

  async check(requirement, host) {
    const { device, parent, mtu } = requirement;
    requireProgram(host, 'ip', device);
    const below = linkSettings(host, parent);
    if (below === undefined) throw fail(hostErrors['link-missing'], { device, link: parent });
    if (mtu !== undefined && mtu > below.mtu)
      throw fail(networkErrors['mtu-too-large'], { device, mtu, link: parent, most: below.mtu });
    const name = nameOf(requirement);
    if (linkSettings(host, name) !== undefined) throw fail(hostErrors['link-exists'], { device, link: name });
    checkVhost(requirement, host);
  },

  async intend(requirement, host) {
    const { parent } = requirement;
    const before = linkSettings(host, parent);
    return {
      name: nameOf(requirement),
      parent,
      parentIndex: linkText(host, parent, 'ifindex') ?? '',
      parentWasUp: before?.up ?? true,
      parentAddress: before?.address ?? '',
      allMulticast: requirement.trustGuestRxFilters,
    };
  },

  async apply(requirement, intent, host, { fds, links }) {
    const { name, parent, parentWasUp } = intent;
    if (!parentWasUp) await ip(host, ['link', 'set', 'dev', parent, 'up']);
    await ip(host, ['link', 'add', 'link', parent, 'name', name, ...linkArguments(requirement)]);
    links.set(requirement.device, { name, given: false });
    await ip(host, ['link', 'set', 'dev', name, ...settings(requirement)]);
    nameDescriptors(requirement.fds, await openQueues(requirement, name, host), fds);
    openVhost(requirement, host, fds);
    return intent;
  },

  async undo({ name, parent, parentIndex, parentAddress, allMulticast }, host) {
    const isOurs = linkText(host, name, 'iflink') === parentIndex;
    // With a macvtap of mode passthrough that is removed, the kernel forgets to give that back.
    if (isOurs && allMulticast) await ip(host, ['link', 'set', 'dev', name, 'allmulticast', 'off']);
    if (isOurs) await ip(host, ['link', 'delete', 'dev', name]);
    const now = linkSettings(host, parent);
    if (now !== undefined && now.address !== parentAddress)
      await ip(host, ['link', 'set', 'dev', parent, 'address', parentAddress]);
  },
};

/** In mode passthrough a link carries one; in the others several, the last of which takes it down if it was. */
function parentClaim({ parent, mode }: MacvtapRequirement): Claim {
  return {
    resource: `macvtap-parent:${parent}`,
    isShared: mode !== 'passthrough',
    undoOfLast: (host) =>
      linkSettings(host, parent)?.up === false ? { kind: 'link-down', name: parent } : undefined,
  };
}

const MAC_OCTETS_IN_NAME = 4;

/**
 * Its name is chosen before it is made, so that whoever finds the journal finds it. The end of the MAC tells it from
 * those of other machines, with no number that two starts at once could both take for free.
 */
function nameOf({ name, mac }: MacvtapRequirement): string {
  return name ?? `macvtap${mac.toLowerCase().split(':').slice(-MAC_OCTETS_IN_NAME).join('')}`;
}

function linkArguments({ mac, mtu, mode }: MacvtapRequirement): string[] {
  return [
    ...['address', mac],
    ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
    ...['type', 'macvtap', 'mode', mode === 'passthrough' ? 'passthru' : mode],
  ];
}

/**
 * A link of mode passthrough begins with its parent's MAC, whatever it was made with. A guest that is trusted with
 * its receive filters gets all multicast, as nobody stays to follow what it asks for.
 */
function settings({ mac, mode, trustGuestRxFilters, linkUp }: MacvtapRequirement): string[] {
  return [
    ...(mode === 'passthrough' ? ['address', mac] : []),
    ...(trustGuestRxFilters ? ['allmulticast', 'on'] : []),
    linkUp ? 'up' : 'down',
  ];
}

async function openQueues({ device, fds }: MacvtapRequirement, name: string, host: HostSystem) {
  const node = `/dev/tap${linkText(host, name, 'ifindex')}`;
  await waitUntil(() => host.status(node) !== undefined, NODE_TIMEOUT_MS);
  try {
    return host.openMacvtap(name, fds.length);
  } catch (cause) {
    const { message } = cause as NodeJS.ErrnoException;
    throw fail(hostErrors['macvtap-unavailable'], { device, link: name, reason: message }, { cause });
  }
}
