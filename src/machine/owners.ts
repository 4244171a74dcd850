import { forgottenFiles, giveBackForgotten } from '../host/file-owners.ts';
import type { LeftFile } from '../host/file-records.ts';
import type { Owners } from '../host/owners.ts';
import { forgottenTemporaries, removeForgotten, type TemporaryFile } from '../host/temporary-files.ts';
import type { MachineContext } from './context.ts';
import type { Directories } from './directories.ts';
import {
  fileOwnersDirectory,
  machineFiles,
  ownersDirectory,
  runDirectory,
  temporaryFilesDirectory,
} from './files.ts';
import { nameOfUuid } from './find.ts';
import { networkFiles } from './networks/files.ts';
import { aliveProcess } from './state.ts';

/** Who has what, as the machine of this name sees it. A machine that has no run directory has nothing. */
export function ownersFor(
  { host, directories }: Pick<MachineContext, 'host' | 'directories'>,
  name: string,
): Owners {
  return {
    directory: ownersDirectory(directories),
    machine: name,
    isThere: (owner) => host.status(directoryOf(directories, owner)) !== undefined,
    qemuOf: (machine) => aliveProcess(host, machineFiles(directories, machine).qemuStat)?.pid,
  };
}

const NETWORK = 'network/';

/** A virtual network as an owner: no machine's name has a slash. */
export function networkOwner(name: string): string {
  return NETWORK + name;
}

function directoryOf(directories: Directories, owner: string): string {
  return owner.startsWith(NETWORK)
    ? networkFiles(directories, owner.slice(NETWORK.length)).directory
    : runDirectory(directories, owner);
}

/** Gives back the files that machines had taken for QEMU's user when the host went down, and removes those that went with them. */
export async function giveBackFiles(cx: MachineContext): Promise<readonly LeftFile[]> {
  const { host, directories } = cx;
  const { isThere } = ownersFor(cx, '');
  return [
    ...(await giveBackForgotten(host, fileOwnersDirectory(directories), isThere)),
    ...(await removeForgotten(host, temporaryFilesDirectory(directories), (file) => isKept(cx, file))),
  ];
}

/** Files that `giveBackFiles` would remove. */
export function filesNotRemoved(cx: MachineContext): readonly string[] {
  const records = temporaryFilesDirectory(cx.directories);
  return forgottenTemporaries(cx.host, records, (file) => isKept(cx, file)).map(({ path }) => path);
}

function isKept(cx: MachineContext, { machine, uuid }: TemporaryFile): boolean {
  return ownersFor(cx, '').isThere(machine) || (uuid !== undefined && nameOfUuid(cx, uuid) !== undefined);
}

/** Files that `giveBackFiles` would give back. */
export function filesNotGivenBack(cx: MachineContext): readonly string[] {
  return forgottenFiles(cx.host, fileOwnersDirectory(cx.directories), ownersFor(cx, '').isThere);
}
