import { randomBytes, randomUUID } from 'node:crypto';
import {
  completeNetwork,
  type Network,
  networkRequirements,
  printNetwork,
  readNetwork,
} from '../../compile/network/index.ts';
import {
  activeNetworks,
  definedNetworks,
  defineNetwork,
  destroyNetwork,
  type NetworkDefinition,
  networkFiles,
  readNetworkDefinition,
  startNetwork,
  undefineNetwork,
} from '../../machine/networks/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { machinesOf } from '../machines.ts';
import { readXml } from '../read-xml.ts';
import { table } from '../table.ts';

export const netDefine: CommandModule = {
  run: async (cx, args) => {
    const machines = machinesOf(cx);
    const network = await readXml(cx, argument(args, 0), (input, report) =>
      readNetwork(input.text, input.file, report),
    );
    const { name, uuid } = await defineNetwork(machines, (others) => {
      const links = machines.host.listDirectory('/sys/class/net');
      return asDefinition(network, others, links);
    });
    cx.answer({ name, uuid }, () => `Network ${name} defined`);
    return undefined;
  },
};

const MAC_PREFIX = '52:54:00';
const OWN_OCTETS = 3;

/** A definition again keeps the UUID, the bridge and its address that it was given before. */
function asDefinition(
  network: Network,
  others: readonly NetworkDefinition[],
  links: readonly string[],
): NetworkDefinition {
  const before = others.find(({ name }) => name === network.name);
  const known = before === undefined ? undefined : readNetwork(before.xml);
  const isSame = known !== undefined && (network.uuid ?? known.uuid) === known.uuid;
  const octets = [...randomBytes(OWN_OCTETS)].map((byte) => byte.toString(16).padStart(2, '0'));
  const taken = new Set([...links, ...others.flatMap(({ bridge }) => bridge ?? [])]);
  if (isSame && known.bridge?.name !== undefined) taken.delete(known.bridge.name);
  const complete = completeNetwork(network, {
    uuid: (isSame ? known.uuid : undefined) ?? randomUUID(),
    mac: (isSame ? known.mac : undefined) ?? [MAC_PREFIX, ...octets].join(':'),
    takenNames: taken,
  });
  const { name, uuid = '', bridge } = complete;
  return {
    ...{ name, uuid, xml: printNetwork(complete) },
    ...(complete.mac !== undefined && bridge?.name !== undefined && { bridge: bridge.name }),
  };
}

export const netUndefine: CommandModule = {
  run: async (cx, args) => {
    const name = argument(args, 0);
    await undefineNetwork(machinesOf(cx), name);
    cx.answer({ name }, () => `Network ${name} has been undefined`);
    return undefined;
  },
};

export const netStart: CommandModule = {
  run: async (cx, args) => {
    const machines = machinesOf(cx);
    const definition = readNetworkDefinition(machines, argument(args, 0));
    const { name, xml } = definition;
    const { directory } = networkFiles(machines.directories, name);
    await startNetwork(machines, definition, networkRequirements(readNetwork(xml), directory));
    cx.answer({ name }, () => `Network ${name} started`);
    return undefined;
  },
};

export const netDestroy: CommandModule = {
  run: async (cx, args) => {
    const name = argument(args, 0);
    await destroyNetwork(machinesOf(cx), name);
    cx.answer({ name }, () => `Network ${name} destroyed`);
    return undefined;
  },
};

export const netDumpxml: CommandModule = {
  run: async (cx, args, options) => {
    const machines = machinesOf(cx);
    const name = argument(args, 0);
    const live =
      options.inactive === true ? undefined : activeNetworks(machines).find((n) => n.name === name);
    const { xml } = live ?? readNetworkDefinition(machines, name);
    cx.answer({ name, xml }, () => xml);
    return undefined;
  },
};

export const netList: CommandModule = {
  run: async (cx, _args, options) => {
    const machines = machinesOf(cx);
    const active = activeNetworks(machines);
    const defined = definedNetworks(machines);
    const names = [...new Set([...active, ...defined].map(({ name }) => name))].sort();
    const networks = names.map((name) => {
      const { uuid, bridge } = [...active, ...defined].find((n) => n.name === name) ?? { uuid: '' };
      const isActive = active.some((n) => n.name === name);
      const persistent = defined.some((n) => n.name === name);
      return { name, uuid, state: isActive ? 'active' : 'inactive', persistent, ...(bridge && { bridge }) };
    });
    const shown = networks.filter(({ state }) =>
      options.all === true ? true : options.inactive === true ? state === 'inactive' : state === 'active',
    );
    cx.answer(shown, () =>
      options.name === true
        ? shown.map(({ name }) => name).join('\n')
        : table(
            ['Name', 'State', 'Autostart', 'Persistent'],
            shown.map((n) => [n.name, n.state, 'no', n.persistent ? 'yes' : 'no']),
          ),
    );
    return undefined;
  },
};
