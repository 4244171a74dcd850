import type { Bandwidth, BandwidthFloor } from '../../plan/index.ts';
import type { LinkCommands } from './link-commands.ts';

type Rates = NonNullable<Bandwidth['inbound']>;

/** A burst that is not given is as much as the rate gives in a tenth of a second. */
const BURSTS_A_SECOND = 10;
const LEAST_BURST_KIB = 16;
/** The greatest packet that the guest may send at once: a whole segmentation offload. */
const MTU = '64kb';

/**
 * Limits by tc(8): what the link sends is shaped by HTB, what it receives is policed. What the guest receives (inbound) a tap
 * sends and a macvtap receives. `average` and `peak` are in kilobytes a second (`kbps`), `burst` in KiB.
 */
export function bandwidthCommands(
  name: string,
  { inbound, outbound }: Bandwidth,
  link: 'tap' | 'macvtap',
): LinkCommands {
  const [sent, received] = link === 'tap' ? [inbound, outbound] : [outbound, inbound];
  const parts = [
    ...(sent?.average === undefined ? [] : [shaped(name, sent.average, sent)]),
    ...(received?.average === undefined ? [] : [policed(name, received.average, received)]),
  ];
  return { act: parts.flatMap((p) => p.act), undo: parts.flatMap((p) => p.undo) };
}

function shaped(name: string, average: number, { peak, burst }: Rates): LinkCommands {
  return {
    act: [
      ['tc', 'qdisc', 'add', 'dev', name, 'root', 'handle', '1:', 'htb', 'default', '1'],
      [
        ...[
          'tc',
          'class',
          'add',
          'dev',
          name,
          'parent',
          '1:',
          'classid',
          '1:1',
          'htb',
          'rate',
          `${average}kbps`,
        ],
        ...['ceil', `${peak ?? average}kbps`],
        ...(burst === undefined ? [] : ['burst', `${burst}kb`]),
      ],
    ],
    undo: [['tc', 'qdisc', 'del', 'dev', name, 'root']],
  };
}

function policed(name: string, average: number, { burst }: Rates): LinkCommands {
  const burstKiB = burst ?? Math.max(Math.ceil(average / BURSTS_A_SECOND), LEAST_BURST_KIB);
  return {
    act: [
      ['tc', 'qdisc', 'add', 'dev', name, 'ingress'],
      [
        ...[
          'tc',
          'filter',
          'add',
          'dev',
          name,
          'parent',
          'ffff:',
          'protocol',
          'all',
          'u32',
          'match',
          'u32',
          '0',
          '0',
        ],
        ...['police', 'rate', `${average}kbps`, 'burst', `${burstKiB}kb`, 'mtu', MTU, 'drop', 'flowid', ':1'],
      ],
    ],
    undo: [['tc', 'qdisc', 'del', 'dev', name, 'ingress']],
  };
}

/**
 * Limits of a virtual network as a whole, on its bridge: what the bridge sends is what goes to guests. Those that have a floor get
 * classes of their own in 1:1; all others are 1:2, which has what these leave.
 */
export function networkBandwidthCommands(
  bridge: string,
  { inbound, outbound }: Bandwidth,
): LinkCommands['act'] {
  const { average, peak = average, burst } = inbound ?? {};
  const addClass = (parent: string, id: string, rate: number) => [
    ...['tc', 'class', 'add', 'dev', bridge, 'parent', parent, 'classid', id, 'htb'],
    ...['rate', `${rate}kbps`, 'ceil', `${peak ?? rate}kbps`],
  ];
  return [
    ...(average === undefined
      ? []
      : [
          ['tc', 'qdisc', 'add', 'dev', bridge, 'root', 'handle', '1:', 'htb', 'default', '2'],
          [...addClass('1:', '1:1', average), ...(burst === undefined ? [] : ['burst', `${burst}kb`])],
          addClass('1:1', '1:2', 1),
        ]),
    ...(outbound?.average === undefined ? [] : policed(bridge, outbound.average, outbound).act),
  ];
}

/** Of the 16 bits of a class, those below are the bridge's own. */
const FIRST_CLASS = 0x10;
const CLASSES = 0xff00;

/**
 * The class of one guest in that of its network: what goes to its MAC is at least `floor`, and what others leave up to `peak`.
 * @param index of its link, which no other link has: class and filter are called so
 */
export function floorCommands(
  { bridge, floor, peak }: BandwidthFloor,
  mac: string,
  index: number,
): LinkCommands {
  const number = FIRST_CLASS + (index % CLASSES);
  const id = `1:${number.toString(16)}`;
  const filter = (verb: string) => [
    ...['tc', 'filter', verb, 'dev', bridge, 'parent', '1:', 'protocol', 'all', 'prio', String(number)],
  ];
  return {
    act: [
      [
        ...['tc', 'class', 'add', 'dev', bridge, 'parent', '1:1', 'classid', id, 'htb'],
        ...['rate', `${floor}kbps`, 'ceil', `${peak}kbps`],
      ],
      [...filter('add'), 'u32', 'match', 'ether', 'dst', mac, 'flowid', id],
    ],
    undo: [filter('del'), ['tc', 'class', 'del', 'dev', bridge, 'classid', id]],
  };
}
