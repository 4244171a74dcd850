import { createHash } from 'node:crypto';
import { fail } from '../../errors/index.ts';
import type { InterfaceSetupRequirement } from '../../plan/index.ts';
import { command } from '../ip.ts';
import { requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import { networkErrors } from './errors.ts';

/** A port of an Open vSwitch bridge. It stays in the switch's database when its link is gone. */
export interface SwitchPort {
  readonly bridge: string;
  /** `iface-id`: whose port it is, whatever is called so by now. */
  readonly id: string;
}

type Requirement = Pick<
  InterfaceSetupRequirement,
  'device' | 'link' | 'bridge' | 'virtualPort' | 'vlan' | 'mac' | 'machine'
>;

const OVS = ['ovs-vsctl', '--timeout=5'];

const WITHOUT_DRIVER: Readonly<Record<string, string>> = {
  '802.1Qbg': 'it needs lldpad and a switch that speaks VDP',
  '802.1Qbh': 'it needs port profiles of a network card, which only its maker’s driver has',
  midonet: 'MidoNet is not made any more',
};

/** @throws QdomError `network/no-port-type`, `network/no-switch`, `host/program-missing`. */
export async function checkSwitchPort(requirement: Requirement, host: HostSystem): Promise<void> {
  const { device, bridge, link, virtualPort } = requirement;
  if (virtualPort === undefined) return;
  const { type = 'without a type' } = virtualPort;
  if (type !== 'openvswitch' || bridge === undefined || link !== 'tap')
    throw fail(networkErrors['no-port-type'], {
      device,
      type,
      reason: WITHOUT_DRIVER[type] ?? 'its source is no bridge of Open vSwitch',
    });
  requireProgram(host, 'ovs-vsctl', device);
  const { exitCode } = await host.run(OVS[0] ?? '', [...OVS.slice(1), 'br-exists', bridge]);
  if (exitCode !== 0) throw fail(networkErrors['no-switch'], { device, bridge });
}

/** The port that the interface is to have; undefined if it is on no switch. */
export function switchPortOf({ bridge, virtualPort, mac, machine }: Requirement): SwitchPort | undefined {
  if (virtualPort?.type !== 'openvswitch' || bridge === undefined) return undefined;
  return { bridge, id: virtualPort.parameters?.interfaceid ?? stableId(`${machine} ${mac}`) };
}

/** The same at each start, so that what is set for it at the switch's controller holds. */
function stableId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** What makes the link a port of the switch (ovs-vsctl(8), ovs-vswitchd.conf.db(5)). */
export function switchPortCommand(
  name: string,
  { bridge, id }: SwitchPort,
  { vlan, virtualPort, mac, machine }: Requirement,
): readonly string[] {
  const ids = {
    'attached-mac': mac,
    'iface-id': id,
    'vm-id': machine,
    'iface-status': 'active',
    ...(virtualPort?.parameters?.profileid !== undefined && {
      'port-profile': virtualPort.parameters.profileid,
    }),
  };
  return [
    ...[...OVS, 'add-port', bridge, name, ...vlanSettings(vlan)],
    ...['--', 'set', 'Interface', name],
    ...Object.entries(ids).map(([key, value]) => `external_ids:${key}=${JSON.stringify(value)}`),
  ];
}

function vlanSettings(vlan: Requirement['vlan']): string[] {
  const [first] = vlan?.tag ?? [];
  if (vlan === undefined || first === undefined) return [];
  if (vlan.trunk !== true && vlan.tag.length === 1) return [`tag=${first.id}`];
  const native = vlan.tag.find(({ nativeMode }) => nativeMode !== undefined);
  return [
    `trunks=[${vlan.tag.map(({ id }) => id).join(',')}]`,
    ...(native === undefined ? [] : [`tag=${native.id}`, `vlan_mode=native-${native.nativeMode}`]),
  ];
}

/** Takes the port off its switch, if it is still this one. */
export async function removeSwitchPort(
  name: string,
  { bridge, id }: SwitchPort,
  host: HostSystem,
): Promise<void> {
  const [program = '', ...options] = OVS;
  const whose = ['--if-exists', 'get', 'Interface', name, 'external_ids:iface-id'];
  const seen = await command(host, program, [...options, ...whose]);
  if (seen.trim().replaceAll('"', '') !== id) return;
  await command(host, program, [...options, '--if-exists', 'del-port', bridge, name]);
}
