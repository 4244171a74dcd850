import { fail } from '../../errors/index.ts';
import type { TapRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { ip, type LinkSettings, linkSettings, linkText } from '../ip.ts';
import { networkErrors } from '../network/errors.ts';
import { requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import { checkVhost, linkResource, nameDescriptors, openVhost } from './link.ts';
import type { HostStep } from './step.ts';

export interface TapRecord {
  /** As asked for; after the act, as the kernel named it. */
  readonly name: string;
  /** What a tap that was there before looked like; it is given back so. */
  readonly before?: LinkSettings;
  /** That tap itself: one of the same name that was made later has another. */
  readonly index?: string;
  readonly [key: string]: unknown;
}

const TUN = '/dev/net/tun';

/**
 * A tap that is held by QEMU's descriptors and goes away with them, so that there is nothing to undo but what a tap
 * that was there before has lost. It takes its bridge with it.
 */
export const tapStep: HostStep<TapRequirement, TapRecord> = {
  type: 'tap',

  describe: ({ name, bridge, fds, vhostFds }) => ({
    act: [
      `open the tap '${name}' with ${fds.length} ${fds.length === 1 ? 'queue' : 'queues'}`,
      ...(bridge === undefined ? [] : [`on the bridge '${bridge}'`]),
      ...(vhostFds.length > 0 ? ['with vhost-net'] : []),
    ].join(' '),
    undo: 'it goes away with QEMU; one that was there before gets its settings back',
  }),

  owns: ({ name }) => (name.includes('%') ? [] : [linkResource(name)]),

  async check(requirement, host) {
    const { device, name, bridge, managed, tunDevice = TUN } = requirement;
    if (host.status(tunDevice) === undefined)
      throw fail(hostErrors['tap-unavailable'], { device, reason: `${tunDevice} is not there` });
    if (!host.mayUse(tunDevice))
      throw fail(hostErrors['tap-unavailable'], { device, reason: `no permission to open ${tunDevice}` });
    if (managed !== false) requireProgram(host, 'ip', device);
    checkVhost(requirement, host);
    if (linkSettings(host, name) !== undefined) checkGiven(requirement, host);
    else if (managed === false) throw fail(hostErrors['link-missing'], { device, link: name });
    if (bridge === undefined) return;
    if (host.status(`/sys/class/net/${bridge}`) === undefined && requirement.network !== undefined)
      throw fail(networkErrors['network-inactive'], { device, network: requirement.network });
    if (host.status(`/sys/class/net/${bridge}`) === undefined)
      throw fail(hostErrors['bridge-missing'], { device, bridge });
    if (host.status(`/sys/class/net/${bridge}/bridge`) === undefined)
      throw fail(hostErrors['not-a-bridge'], { device, bridge });
  },

  async intend({ name }, host) {
    const before = linkSettings(host, name);
    const index = linkText(host, name, 'ifindex');
    return { name, ...(before && { before }), ...(index !== undefined && { index }) };
  },

  async apply(requirement, intent, host, { fds, links }) {
    const tap = openTap(requirement, host);
    nameDescriptors(requirement.fds, tap.fds, fds);
    openVhost(requirement, host, fds);
    links.set(requirement.device, { name: tap.name, given: intent.before !== undefined });
    if (requirement.managed !== false)
      await ip(host, ['link', 'set', 'dev', tap.name, ...linkArguments(requirement, host)]);
    return { ...intent, name: tap.name };
  },

  async undo({ name, before, index }, host) {
    if (before === undefined || linkText(host, name, 'ifindex') !== index) return;
    const { bridge: wanted } = before;
    // Its bridge may be gone by now.
    const hasBridge = wanted !== undefined && linkSettings(host, wanted) !== undefined;
    const bridge = hasBridge ? ['master', wanted] : ['nomaster'];
    await ip(host, [
      ...['link', 'set', 'dev', name, 'address', before.address, 'mtu', String(before.mtu)],
      ...bridge,
      before.up ? 'up' : 'down',
    ]);
  },
};

/** linux/if_tun.h, as sysfs shows them in `tun_flags`. */
const IFF_TAP = 0x0002;
const IFF_MULTI_QUEUE = 0x0100;
const IFF_PERSIST = 0x0800;

/** @throws QdomError `network/not-a-tap`, `network/tap-queues`, `host/tap-taken`. */
function checkGiven({ device, name, fds }: TapRequirement, host: HostSystem): void {
  const flags = Number.parseInt(linkText(host, name, 'tun_flags') ?? '0', 16);
  if ((flags & IFF_TAP) === 0) throw fail(networkErrors['not-a-tap'], { device, link: name });
  if (((flags & IFF_MULTI_QUEUE) !== 0) !== fds.length > 1)
    throw fail(networkErrors['tap-queues'], { device, link: name, queues: fds.length });
  if ((flags & IFF_MULTI_QUEUE) === 0 && isHeld(flags, name, host))
    throw fail(hostErrors['tap-taken'], { device, name, holder: holderOf(name, host) });
}

/**
 * A tap that does not persist is there because a process has it open; another has a carrier then, which the kernel shows while
 * the link is up.
 */
function isHeld(flags: number, name: string, host: HostSystem): boolean {
  const carrier = linkText(host, name, 'carrier');
  const isDown = carrier === undefined;
  return (flags & IFF_PERSIST) === 0 || carrier === '1' || (isDown && holderOf(name, host) !== undefined);
}

/** The process in words, if it may be seen; in another network namespace it would be another tap of that name. */
function holderOf(name: string, host: HostSystem): string | undefined {
  const ours = host.readLink('/proc/self/ns/net');
  const pid = host
    .listDirectory('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .find((entry) => host.readLink(`/proc/${entry}/ns/net`) === ours && hasTap(entry, name, host));
  if (pid === undefined) return undefined;
  return `process ${pid} (${(host.readText(`/proc/${pid}/comm`) ?? '').trim()})`;
}

/** proc(5): what a driver tells of an open file; of tun the interface. Another user's files cannot be seen. */
function hasTap(pid: string, name: string, host: HostSystem): boolean {
  const files = `/proc/${pid}/fdinfo`;
  return host
    .listDirectory(files)
    .some((fd) => (host.readText(`${files}/${fd}`) ?? '').split('\n').includes(`iff:\t${name}`));
}

function openTap({ device, name, fds, tunDevice }: TapRequirement, host: HostSystem) {
  try {
    return host.openTap({ name, queues: fds.length, ...(tunDevice !== undefined && { device: tunDevice }) });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EBUSY')
      throw fail(hostErrors['tap-taken'], { device, name, holder: holderOf(name, host) }, { cause });
    throw fail(hostErrors['tap-unavailable'], { device, reason: message }, { cause });
  }
}

/**
 * The host's end must not have the guest's MAC: a bridge would take packets for the guest as its own. Its first byte
 * becomes fe, so that the bridge, which takes its lowest port's MAC, never takes this one. The MTU that is not given is
 * the bridge's, which the kernel would lower to that of its smallest port.
 */
function linkArguments({ mac, mtu: wanted, bridge, linkUp }: TapRequirement, host: HostSystem): string[] {
  const mtu = wanted ?? (bridge === undefined ? undefined : linkSettings(host, bridge)?.mtu);
  return [
    ...['address', `fe${mac.slice(2)}`],
    ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
    ...(bridge === undefined ? [] : ['master', bridge]),
    ...(linkUp ? ['up'] : []),
  ];
}
