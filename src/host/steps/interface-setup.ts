import { fail } from '../../errors/index.ts';
import type { BandwidthFloor, InterfaceSetupRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { command, linkSettings, linkText } from '../ip.ts';
import { floorCommands } from '../network/bandwidth.ts';
import { networkErrors } from '../network/errors.ts';
import { type LinkBefore, linkCommands } from '../network/link-commands.ts';
import { newPort, portSettings } from '../network/port.ts';
import {
  checkSwitchPort,
  removeSwitchPort,
  type SwitchPort,
  switchPortCommand,
  switchPortOf,
} from '../network/switch-port.ts';
import { coalescedFrames, refuseOtherQdiscs, withoutWhatIsThere } from '../network/what-is-there.ts';
import { notesBefore, type Owners } from '../owners.ts';
import { requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep } from './step.ts';

type Lines = readonly (readonly string[])[];

export interface InterfaceSetupRecord {
  readonly name: string;
  /** The link itself: one of the same name that was made later has another. */
  readonly index: string;
  readonly act: Lines;
  /** What gives a link that was there before its settings back; none for one that goes away with them. */
  readonly undo: Lines;
  /** It is to be taken off the switch even if the link has gone. */
  readonly switchPort?: SwitchPort;
  readonly downScript?: string;
  /** What takes the guest's share of the network's bandwidth back: it does not go away with the link. */
  readonly unshare?: Lines;
  readonly [key: string]: unknown;
}

/** What is done to a NIC's link on the host once it is there: VLAN tags, isolation, bandwidth, addresses, its script. */
export const interfaceSetupStep: HostStep<InterfaceSetupRequirement, InterfaceSetupRecord> = {
  type: 'interface-setup',

  describe(requirement) {
    const { act, undo } = commandsFor(requirement, 'LINK', UNKNOWN);
    const port = switchPortOf(requirement);
    const { share, mac } = requirement;
    const given = share === undefined ? [] : floorCommands(share, mac, 0).act;
    return {
      act: `on the link of '${requirement.device}': ${inWords([...act, ...given])}`,
      undo: [
        'what is set goes away with the link',
        ...(port === undefined ? [] : [`it is taken off the switch '${port.bridge}'`]),
        ...(undo.length > 0 ? [`on one that was there before: ${inWords(undo)}`] : []),
        ...(requirement.downScript === undefined ? [] : [`${requirement.downScript} LINK`]),
      ].join('; '),
    };
  },

  owns: ({ share }) =>
    share === undefined ? [] : [{ resource: floorsOf(share), isShared: true, note: share.ofMachine }],

  async check(requirement, host, _all, owners) {
    const { device, name, bandwidth, script, downScript } = requirement;
    refuseUnknown(requirement);
    checkFloor(requirement, host, owners);
    if (bandwidth !== undefined) requireProgram(host, 'tc', device);
    if (requirement.coalesceRxFrames !== undefined) requireProgram(host, 'ethtool', device);
    for (const path of [script, downScript]) if (path !== undefined) checkScript(device, path, host);
    await checkSwitchPort(requirement, host);
    checkBridge(requirement, host);
    if (bandwidth !== undefined && name !== undefined && linkSettings(host, name) !== undefined)
      await refuseOtherQdiscs(device, name, host);
  },

  async intend(requirement, host, { links }) {
    const { device, downScript } = requirement;
    const link = links.get(device);
    if (link === undefined) throw fail(hostErrors['link-missing'], { device, link: device });
    const { name } = link;
    const { act, undo } = link.given
      ? commandsFor(
          await withoutWhatIsThere(requirement, name, host),
          name,
          await givenLink(requirement, name, host),
        )
      : commandsFor(requirement, name, { ...newPort(requirement.bridge, host), coalescedFrames: 0 });
    const switchPort = switchPortOf(requirement);
    const index = linkText(host, name, 'ifindex') ?? '';
    const { share, mac } = requirement;
    const floor = share && floorCommands(share, mac, Number(index));
    return {
      name,
      index,
      act: [...act, ...(floor?.act ?? [])],
      ...(floor && { unshare: floor.undo }),
      undo: link.given ? undo : [],
      ...(switchPort !== undefined && { switchPort }),
      ...(downScript !== undefined && { downScript }),
    };
  },

  async apply(_requirement, intent, host) {
    for (const [program = '', ...args] of intent.act) await command(host, program, args);
    return intent;
  },

  async undo({ name, index, undo, switchPort, downScript, unshare = [] }, host) {
    for (const [program = '', ...args] of unshare) await unlessGone(command(host, program, args));
    if (switchPort !== undefined) await removeSwitchPort(name, switchPort, host);
    const now = linkText(host, name, 'ifindex');
    // What a port was is forgotten with the port, where somebody has removed the bridge.
    const isPort = linkSettings(host, name)?.bridge !== undefined;
    const left = undo.filter(([program]) => program !== 'bridge' || isPort);
    if (now === index)
      for (const [program = '', ...args] of left) await unlessGone(command(host, program, args));
    const isOthers = now !== undefined && now !== index;
    // Its failure is its own business: the link may be gone by now.
    if (downScript !== undefined && !isOthers) await host.run(downScript, [name]);
  },
};

/** For showing what will be done to a link that nobody has looked at. */
const UNKNOWN: LinkBefore = { vlans: [], isolated: false, learning: true, flood: true, coalescedFrames: 0 };

async function givenLink(
  { vlan, coalesceRxFrames }: InterfaceSetupRequirement,
  name: string,
  host: HostSystem,
): Promise<LinkBefore> {
  return {
    ...(await portSettings(name, { withVlans: vlan !== undefined }, host)),
    coalescedFrames: coalesceRxFrames === undefined ? 0 : await coalescedFrames(name, host),
  };
}

/** All that is done, the script last; the tags of a switch's port are the switch's business. */
function commandsFor(requirement: InterfaceSetupRequirement, name: string, before: LinkBefore) {
  const port = switchPortOf(requirement);
  const { vlan: _ofThePort, ...others } = requirement;
  const { act, undo } = linkCommands(port === undefined ? requirement : others, name, before);
  const { script } = requirement;
  return {
    act: [
      ...(port === undefined ? [] : [switchPortCommand(name, port, requirement)]),
      ...act,
      ...(script === undefined ? [] : [[script, name]]),
    ],
    undo,
  };
}

const ANYBODY_RUNS = 0o111;

/** @throws QdomError `host/script-missing`, `host/script-closed`. */
function checkScript(device: string, path: string, host: HostSystem): void {
  const status = host.status(path);
  if (status?.kind !== 'file') throw fail(hostErrors['script-missing'], { device, path });
  if ((status.mode & ANYBODY_RUNS) === 0) throw fail(hostErrors['script-closed'], { device, path });
}

/** @throws QdomError `host/needs-bridge`, `host/bridge-without-vlans`, `host/program-missing`. */
function checkBridge(requirement: InterfaceSetupRequirement, host: HostSystem): void {
  const { device, link, bridge, vlan, isolated, macTable } = requirement;
  const isOnSwitch = switchPortOf(requirement) !== undefined;
  const wishes = [
    ...(vlan === undefined || isOnSwitch ? [] : ['vlan']),
    ...(isolated === true ? ["port isolated='yes'"] : []),
    ...(macTable === undefined ? [] : ["macTableManager='libvirt'"]),
  ];
  const [what] = wishes;
  if (what === undefined) return;
  if (bridge === undefined || link !== 'tap' || isOnSwitch)
    throw fail(hostErrors['needs-bridge'], { device, what });
  requireProgram(host, 'bridge', device);
  if (vlan !== undefined && linkText(host, bridge, 'bridge/vlan_filtering') !== '1')
    throw fail(hostErrors['bridge-without-vlans'], { device, bridge });
}

/** @throws QdomError `host/setting-not-implemented`. */
function refuseUnknown({ device, filter }: InterfaceSetupRequirement): void {
  const refuse = (what: string) => fail(hostErrors['setting-not-implemented'], { device, what });
  if (filter !== undefined) throw refuse(`filterref ${filter.filter}`);
}

/** What of a network's bandwidth its guests have for sure. */
function floorsOf({ bridge }: BandwidthFloor): string {
  return `bandwidth-floors:${bridge}`;
}

/** @throws QdomError `network/no-floor`, `network/floor-too-high`. */
function checkFloor(
  { device, bandwidth, share }: InterfaceSetupRequirement,
  host: HostSystem,
  owners: Owners,
): void {
  if (share === undefined) {
    const floor = bandwidth?.inbound?.floor;
    if (floor !== undefined) throw fail(networkErrors['no-floor'], { device, floor });
    return;
  }
  requireProgram(host, 'tc', device);
  const others = notesBefore(host, owners, floorsOf(share)).reduce((sum, { note }) => sum + Number(note), 0);
  const { bridge, ofMachine, average } = share;
  if (others + ofMachine > average)
    throw fail(networkErrors['floor-too-high'], { device, bridge, floor: ofMachine, others, average });
}

/** What iproute2 and ethtool say of a thing that is not there any more. */
const GONE =
  /No such (?:file|process|device)|Cannot (?:assign requested address|find (?:device|specified filter chain))|Invalid handle|handle of zero|not found/i;

async function unlessGone(run: Promise<unknown>): Promise<void> {
  try {
    await run;
  } catch (error) {
    if (!(error instanceof Error) || !GONE.test(error.message)) throw error;
  }
}

function inWords(lines: Lines): string {
  return lines.length === 0 ? 'nothing' : lines.map((words) => words.join(' ')).join('; ');
}
