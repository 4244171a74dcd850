import { fail } from '../errors/index.ts';
import type { MachineContext } from './context.ts';
import { machineErrors } from './errors.ts';
import { definedName, definitionFile, definitionsDirectory, machineFiles } from './files.ts';
import { ensureDirectory, withPermission } from './host-files.ts';
import { LOCK_TIMEOUT_MS, withLock } from './lock.ts';
import { checkName, uuidOf } from './names.ts';
import { readState, writeState } from './state.ts';
import { dropTpmNote, forgetTpm, noteTpm } from './tpm-state.ts';

export interface Definition {
  readonly name: string;
  readonly uuid: string;
  /** Normalized domain XML: the guest's ABI as data. */
  readonly domainXml: string;
}

/**
 * Keeps a definition; one of the same name and UUID is replaced.
 * @throws QdomError `machine/bad-name`, `machine/already-defined`, `machine/uuid-taken`, `machine/no-permission`.
 */
export async function defineMachine(cx: MachineContext, definition: Definition): Promise<void> {
  const { name, uuid, domainXml } = definition;
  checkName(name);
  await withLock(cx, name, 'define', LOCK_TIMEOUT_MS, async () => {
    const clash = definedMachines(cx).find((other) => other.name === name || other.uuid === uuid);
    if (clash !== undefined && clash.uuid !== uuid)
      throw fail(machineErrors['already-defined'], { name, uuid: clash.uuid });
    if (clash !== undefined && clash.name !== name)
      throw fail(machineErrors['uuid-taken'], { name: clash.name, uuid });
    const path = definitionFile(cx.directories, name);
    ensureDirectory(cx.host, definitionsDirectory(cx.directories));
    withPermission(path, 'write', () => cx.host.writeFile(path, domainXml, 0o600));
  });
}

export interface UndefineOptions {
  readonly keepTpm?: boolean;
  /** The file of its UEFI variables, to be removed as well. */
  readonly nvram?: string;
}

/**
 * Forgets a definition; a running machine runs on and is forgotten at its end. The state of an emulated TPM goes with the
 * last of the two, unless `keepTpm` is asked for.
 * @throws QdomError `machine/not-found`, `machine/no-permission`.
 */
export async function undefineMachine(
  cx: MachineContext,
  name: string,
  { keepTpm = false, nvram }: UndefineOptions = {},
): Promise<void> {
  checkName(name);
  const path = definitionFile(cx.directories, name);
  if (cx.host.status(path) === undefined) throw fail(machineErrors['not-found'], { name });
  await withLock(cx, name, 'undefine', LOCK_TIMEOUT_MS, async () => {
    const definition = readDefinition(cx, name);
    const files = machineFiles(cx.directories, name);
    const state = readState(cx.host, files);
    if (keepTpm && state !== undefined) writeState(cx.host, files, { ...state, keepTpm });
    if (!keepTpm) noteTpm(cx, name, definition);
    if (nvram !== undefined && cx.host.status(nvram) !== undefined)
      withPermission(nvram, 'remove', () => cx.host.removeFile(nvram));
    withPermission(path, 'remove', () => cx.host.removeFile(path));
    const runs = cx.host.status(files.directory) !== undefined;
    if (keepTpm) dropTpmNote(cx, definition);
    else if (!runs) forgetTpm(cx, definition);
  });
}

/** @throws QdomError `machine/not-found`. */
export function readDefinition(cx: MachineContext, name: string): Definition {
  checkName(name);
  const found = findDefinition(cx, name);
  if (found === undefined) throw fail(machineErrors['not-found'], { name });
  return found;
}

/** The definition of this name; undefined if there is none. */
export function findDefinition(cx: MachineContext, name: string): Definition | undefined {
  const domainXml = cx.host.readText(definitionFile(cx.directories, name));
  return domainXml === undefined ? undefined : { name, uuid: uuidOf(domainXml), domainXml };
}

/** All definitions, by name. */
export function definedMachines(cx: MachineContext): Definition[] {
  const files = cx.host.listDirectory(definitionsDirectory(cx.directories));
  const names = files.flatMap((file) => definedName(file) ?? []).sort();
  return names.flatMap((name) => findDefinition(cx, name) ?? []);
}
