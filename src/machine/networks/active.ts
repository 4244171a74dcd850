import { fail, QdomError } from '../../errors/index.ts';
import { realise, undoSteps } from '../../host/realise.ts';
import type { HostRequirement } from '../../plan/index.ts';
import type { MachineContext } from '../context.ts';
import { ensureDirectory } from '../host-files.ts';
import { networkOwner, ownersFor } from '../owners.ts';
import { networkRegistryErrors } from './errors.ts';
import { networkFiles, runningNetworksDirectory } from './files.ts';
import { type NetworkDefinition, withNetworks } from './registry.ts';

const FILE_MODE = 0o600;

/**
 * Starts a virtual network: makes what the host has to have, or nothing of it.
 * @throws QdomError `net/already-active`, `host/…`, `network/…`.
 */
export function startNetwork(
  cx: MachineContext,
  { name, xml }: NetworkDefinition,
  requirements: readonly HostRequirement[],
): Promise<void> {
  return withNetworks(cx, 'net-start', async () => {
    const { host } = cx;
    const files = networkFiles(cx.directories, name);
    if (host.readText(files.live) !== undefined)
      throw fail(networkRegistryErrors['already-active'], { name });
    await giveBack(cx, name);
    ensureDirectory(host, files.directory);
    try {
      const made = await realise(requirements, host, files.journal, ownersOf(cx, name));
      made.closeDescriptors();
      host.writeFile(files.live, xml, FILE_MODE);
    } catch (error) {
      // What could not be undone is told with the first error; the next command tries again.
      await giveBack(cx, name).catch(() => undefined);
      throw error;
    }
  });
}

/** Ends it: the host becomes as it was before. @throws QdomError `net/not-active`, `host/undo-failed`. */
export function destroyNetwork(cx: MachineContext, name: string): Promise<void> {
  return withNetworks(cx, 'net-destroy', async () => {
    // Asked by its name, not by its path: a name could lead elsewhere.
    if (!cx.host.listDirectory(runningNetworksDirectory(cx.directories)).includes(name))
      throw fail(networkRegistryErrors['not-active'], { name });
    await giveBack(cx, name);
  });
}

/** Networks whose start did not come to its end. */
export function unfinishedNetworks(cx: MachineContext): readonly string[] {
  return cx.host.listDirectory(runningNetworksDirectory(cx.directories)).filter((name) => {
    const { journal, live } = networkFiles(cx.directories, name);
    return cx.host.status(journal) !== undefined && cx.host.readText(live) === undefined;
  });
}

/** Ends what starts of networks that were killed have left. */
export function reapNetworks(cx: MachineContext): Promise<readonly string[]> {
  return withNetworks(cx, 'reap', async () => {
    const unfinished = unfinishedNetworks(cx);
    for (const name of unfinished) await giveBack(cx, name);
    return unfinished;
  });
}

async function giveBack(cx: MachineContext, name: string): Promise<void> {
  const { directory, journal } = networkFiles(cx.directories, name);
  if (cx.host.status(directory) === undefined) return;
  const failures = await undoSteps(cx.host, journal, 'ended');
  if (failures.length > 0) throw new QdomError(failures);
  cx.host.removeTree(directory);
}

/** What a network owns, no machine may have; a machine of its name is another thing. */
function ownersOf(cx: MachineContext, name: string) {
  return ownersFor(cx, networkOwner(name));
}
