import { fail } from '../../errors/index.ts';
import type { VirtualFunctionRequirement } from '../../plan/index.ts';
import { ip, linkSettings } from '../ip.ts';
import { pciErrors } from '../pci/errors.ts';
import { isThere, networkInterface, physicalFunction, virtualFunctions } from '../pci/functions.ts';
import { requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep } from './step.ts';

interface Settings {
  readonly mac: string;
  readonly vlan: number;
}

export interface VirtualFunctionRecord {
  /** The physical function and its network interface: only that one can say what its virtual functions are. */
  readonly physical: string;
  readonly link: string;
  readonly number: number;
  readonly before: Settings;
  readonly [key: string]: unknown;
}

/** The MAC and the VLAN of an SR-IOV virtual function, set through its physical function (ip-link(8): vf). */
export const virtualFunctionStep: HostStep<VirtualFunctionRequirement, VirtualFunctionRecord> = {
  type: 'virtual-function',

  describe: ({ function: address, mac, vlan }) => ({
    act: `give the virtual function '${address}' the MAC ${mac}${vlan === undefined ? '' : ` and the VLAN ${vlan}`} through its physical function`,
    undo: 'it gets its former MAC and VLAN back',
  }),

  async check({ device, function: address }, host) {
    // What is not there at all, the step that takes the function says.
    if (!isThere(host, address)) return;
    const physical = physicalFunction(host, address);
    if (physical === undefined) throw fail(pciErrors['not-virtual'], { device, function: address });
    const link = networkInterface(host, physical);
    if (link === undefined)
      throw fail(pciErrors['physical-without-link'], { device, function: address, physical });
    if (linkSettings(host, link)?.up !== true)
      throw fail(pciErrors['physical-down'], { device, function: address, link });
    requireProgram(host, 'ip', device);
  },

  async intend({ device, function: address }, host) {
    const physical = physicalFunction(host, address) ?? '';
    const link = networkInterface(host, physical) ?? '';
    const number = [...virtualFunctions(host, physical)].find(([, virtual]) => virtual === address)?.[0];
    if (number === undefined) throw fail(pciErrors['not-virtual'], { device, function: address });
    return { physical, link, number, before: await settings(host, link, number) };
  },

  async apply({ mac, vlan }, intent, host) {
    const { link, number, before } = intent;
    // Without a VLAN of its own it is not to be in one that somebody has left there.
    await set(host, link, number, { mac, vlan: vlan ?? NO_VLAN }, before);
    return intent;
  },

  async undo({ physical, number, before }, host) {
    // It may have another name by now; without it there are no virtual functions.
    const now = networkInterface(host, physical);
    if (now === undefined) return;
    await set(host, now, number, before, await settings(host, now, number));
  },
};

async function set(
  host: HostSystem,
  link: string,
  number: number,
  to: Settings,
  from: Settings,
): Promise<void> {
  const changes = [
    ...(to.mac === from.mac ? [] : ['mac', to.mac]),
    ...(to.vlan === from.vlan ? [] : ['vlan', String(to.vlan)]),
  ];
  if (changes.length > 0) await ip(host, ['link', 'set', 'dev', link, 'vf', String(number), ...changes]);
}

/** `ip -j link show` (iproute2). */
interface ShownLink {
  readonly vfinfo_list?: readonly {
    readonly vf: number;
    readonly address?: string;
    readonly mac?: string;
    readonly vlan_list?: readonly { readonly vlan?: number }[];
  }[];
}

async function settings(host: HostSystem, link: string, number: number): Promise<Settings> {
  const [shown] = JSON.parse(await ip(host, ['-j', 'link', 'show', 'dev', link])) as readonly ShownLink[];
  const found = shown?.vfinfo_list?.find(({ vf }) => vf === number);
  return { mac: found?.address ?? found?.mac ?? NO_MAC, vlan: found?.vlan_list?.[0]?.vlan ?? NO_VLAN };
}

/** Of a virtual function whose MAC nobody has chosen: its driver takes one by chance. */
const NO_MAC = '00:00:00:00:00:00';
const NO_VLAN = 0;
