import { fail } from '../../errors/index.ts';
import type { MachineContext } from '../context.ts';
import { ensureDirectory, withPermission } from '../host-files.ts';
import { LOCK_TIMEOUT_MS, withLock } from '../lock.ts';
import { networkRegistryErrors } from './errors.ts';
import {
  networkFile,
  networkFiles,
  networkOfFile,
  networksDirectory,
  runningNetworksDirectory,
} from './files.ts';

/** A virtual network as it is kept. */
export interface NetworkDefinition {
  readonly name: string;
  readonly uuid: string;
  /** Of a network that makes its own. */
  readonly bridge?: string;
  readonly xml: string;
}

const FILE_MODE = 0o600;

/** Runs `body` while nobody else changes a virtual network. @throws QdomError `machine/busy`. */
export function withNetworks<T>(cx: MachineContext, operation: string, body: () => Promise<T>): Promise<T> {
  return withLock(cx, 'virtual networks', operation, LOCK_TIMEOUT_MS, body);
}

/**
 * Keeps a definition; one of the same name and UUID is replaced. `complete` is given what is there already, so that it can choose
 * what nobody has.
 * @throws QdomError `net/already-defined`, `net/uuid-taken`, `net/bridge-taken`, `machine/no-permission`.
 */
export function defineNetwork(
  cx: MachineContext,
  complete: (others: readonly NetworkDefinition[]) => NetworkDefinition,
): Promise<NetworkDefinition> {
  return withNetworks(cx, 'net-define', async () => {
    const all = definedNetworks(cx);
    const network = complete(all);
    const { name, uuid, bridge } = network;
    const same = all.find((other) => other.name === name);
    if (same !== undefined && same.uuid !== uuid)
      throw fail(networkRegistryErrors['already-defined'], { name, uuid: same.uuid });
    for (const other of all.filter((o) => o.name !== name)) {
      if (other.uuid === uuid) throw fail(networkRegistryErrors['uuid-taken'], { name: other.name, uuid });
      if (bridge !== undefined && other.bridge === bridge)
        throw fail(networkRegistryErrors['bridge-taken'], { name: other.name, bridge });
    }
    const path = networkFile(cx.directories, name);
    ensureDirectory(cx.host, networksDirectory(cx.directories));
    withPermission(path, 'write', () => cx.host.writeFile(path, network.xml, FILE_MODE));
    return network;
  });
}

/** Forgets a definition; an active network runs on. @throws QdomError `net/not-found`, `machine/no-permission`. */
export function undefineNetwork(cx: MachineContext, name: string): Promise<void> {
  return withNetworks(cx, 'net-undefine', async () => {
    const { xml: _there } = readNetworkDefinition(cx, name);
    const path = networkFile(cx.directories, name);
    withPermission(path, 'remove', () => cx.host.removeFile(path));
  });
}

/** @throws QdomError `net/not-found`. */
export function readNetworkDefinition(cx: MachineContext, name: string): NetworkDefinition {
  const found = definedNetworks(cx).find((network) => network.name === name);
  if (found === undefined) throw fail(networkRegistryErrors['not-found'], { name });
  return found;
}

/** All definitions, by name. */
export function definedNetworks({
  host,
  directories,
}: Pick<MachineContext, 'host' | 'directories'>): NetworkDefinition[] {
  const names = host
    .listDirectory(networksDirectory(directories))
    .flatMap((file) => networkOfFile(file) ?? []);
  return names.sort().flatMap((name) => {
    const xml = host.readText(networkFile(directories, name));
    return xml === undefined ? [] : [asDefinition(name, xml)];
  });
}

/** The networks that were started, with the definition that each was started from. */
export function activeNetworks({
  host,
  directories,
}: Pick<MachineContext, 'host' | 'directories'>): NetworkDefinition[] {
  return [...host.listDirectory(runningNetworksDirectory(directories))].sort().flatMap((name) => {
    const xml = host.readText(networkFiles(directories, name).live);
    return xml === undefined ? [] : [asDefinition(name, xml)];
  });
}

/** Our own canonical print has these on the network's level once. */
function asDefinition(name: string, xml: string): NetworkDefinition {
  const bridge = /<bridge name='([^']*)'/.exec(xml)?.[1];
  const uuid = /<uuid>([^<]*)<\/uuid>/.exec(xml)?.[1] ?? '';
  return { name, uuid, ...(bridge !== undefined && { bridge }), xml };
}
