import { fail } from '../../errors/index.ts';
import { mdevErrors } from '../../host/mdev/errors.ts';
import { isMdevThere, mdevOrigin, mdevs, uuidOfName } from '../../host/mdev/sysfs.ts';
import type { MediatedDevice } from '../../plan/index.ts';
import type { MachineContext } from '../context.ts';
import { madeMdev, mdevDefinition, mdevDefinitionsDirectory } from '../files.ts';
import { ensureDirectory, withPermission } from '../host-files.ts';
import { LOCK_TIMEOUT_MS, withLock } from '../lock.ts';

type RegistryContext = Pick<MachineContext, 'host' | 'directories'>;

/** A mediated device: one that is there, one that is defined, or both. */
export interface KnownMdev extends MediatedDevice {
  readonly isActive: boolean;
  /** There is a definition of it. */
  readonly isPersistent: boolean;
}

const FILE_MODE = 0o600;

/** Runs `body` while nobody else defines, makes or removes mediated devices. @throws QdomError `machine/busy`. */
export function withMdevs<T>(cx: MachineContext, operation: string, body: () => Promise<T>): Promise<T> {
  return withLock(cx, 'mediated devices', operation, LOCK_TIMEOUT_MS, body);
}

/**
 * Keeps a definition: what domains that name its UUID have made for them. One of the same UUID and parent is replaced.
 * @throws QdomError `mdev/uuid-taken`, `machine/no-permission`.
 */
export function defineMdev(cx: MachineContext, definition: MediatedDevice): Promise<void> {
  return withMdevs(cx, 'nodedev-define', async () => {
    const { uuid, parent } = definition;
    const before = definedMdev(cx, uuid);
    if (before !== undefined && before.parent !== parent)
      throw fail(mdevErrors['uuid-taken'], { uuid, parent: before.parent });
    const path = mdevDefinition(cx.directories, uuid);
    ensureDirectory(cx.host, mdevDefinitionsDirectory(cx.directories));
    withPermission(path, 'write', () =>
      cx.host.writeFile(path, `${JSON.stringify(definition)}\n`, FILE_MODE),
    );
  });
}

/** Forgets a definition; a device that is there stays. @throws QdomError `mdev/not-defined`, `machine/no-permission`. */
export function undefineMdev(cx: MachineContext, name: string): Promise<void> {
  return withMdevs(cx, 'nodedev-undefine', async () => {
    const path = mdevDefinition(cx.directories, readMdevDefinition(cx, name).uuid);
    withPermission(path, 'remove', () => cx.host.removeFile(path));
  });
}

/**
 * The definition of a device.
 * @param name `mdev_UUID_PARENT`, `mdev_UUID` or the UUID
 * @throws QdomError `mdev/not-a-mdev`, `mdev/not-defined`.
 */
export function readMdevDefinition(cx: RegistryContext, name: string): MediatedDevice {
  const definition = definedMdev(cx, uuidIn(name));
  if (definition === undefined) throw fail(mdevErrors['not-defined'], { name });
  return definition;
}

/** The UUID of the device of this name. @throws QdomError `mdev/not-a-mdev`. */
export function uuidIn(name: string): string {
  const uuid = uuidOfName(name);
  if (uuid === undefined) throw fail(mdevErrors['not-a-mdev'], { name });
  return uuid;
}

/** All definitions, by UUID. */
export function definedMdevs(cx: RegistryContext): readonly MediatedDevice[] {
  const files = [...cx.host.listDirectory(mdevDefinitionsDirectory(cx.directories))].sort();
  return files.flatMap((file) => definedMdev(cx, file.replace(/\.json$/, '')) ?? []);
}

/** Those that are there and those that are defined, each once, by UUID. */
export function knownMdevs(cx: RegistryContext): readonly KnownMdev[] {
  const uuids = new Set([...mdevs(cx.host), ...definedMdevs(cx).map(({ uuid }) => uuid)]);
  return [...uuids].sort().map((uuid) => {
    const definition = definedMdev(cx, uuid);
    const isActive = isMdevThere(cx.host, uuid);
    const now = isActive ? activeMdev(cx, uuid) : definition;
    return { ...(now as MediatedDevice), isActive, isPersistent: definition !== undefined };
  });
}

/** A device that is there. Its attributes are what it was given: sysfs does not say which of its files are such. */
export function activeMdev(cx: RegistryContext, uuid: string): MediatedDevice {
  const origin = mdevOrigin(cx.host, uuid);
  const isOfIt = (one: MediatedDevice | undefined) =>
    one?.parent === origin.parent && one.type === origin.type ? one : undefined;
  const made = isOfIt(readDevice(cx, madeMdev(cx.directories, uuid).made)) ?? isOfIt(definedMdev(cx, uuid));
  return { uuid, ...origin, attributes: made?.attributes ?? [] };
}

function definedMdev(cx: RegistryContext, uuid: string): MediatedDevice | undefined {
  return readDevice(cx, mdevDefinition(cx.directories, uuid));
}

function readDevice({ host }: RegistryContext, path: string): MediatedDevice | undefined {
  try {
    return JSON.parse(host.readText(path) ?? '') as MediatedDevice;
  } catch {
    return undefined;
  }
}
