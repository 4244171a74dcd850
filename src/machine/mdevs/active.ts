import { type Diagnostic, fail, messageOf, QdomError } from '../../errors/index.ts';
import { unlessCode } from '../../host/directories.ts';
import { hostErrors } from '../../host/errors.ts';
import { writeEntry } from '../../host/journal.ts';
import { mdevErrors } from '../../host/mdev/errors.ts';
import { checkMakeable, makeMdev, removeMdev } from '../../host/mdev/make.ts';
import { isMdevThere, mdevName, mdevPath } from '../../host/mdev/sysfs.ts';
import { otherOwner, withDirectoryLock } from '../../host/owners.ts';
import { undoSteps, withUndoFailures } from '../../host/realise.ts';
import { mdevClaim } from '../../host/steps/mediated-device.ts';
import type { MediatedDevice } from '../../plan/index.ts';
import type { MachineContext } from '../context.ts';
import { madeMdev, madeMdevsDirectory } from '../files.ts';
import { ensureDirectory } from '../host-files.ts';
import { ownersFor } from '../owners.ts';
import { activeMdev, readMdevDefinition, uuidIn, withMdevs } from './registry.ts';

const FILE_MODE = 0o600;
const JOURNAL_SUFFIX = '.jsonl';

/**
 * Makes a mediated device that stays until `destroyMdev` or until the host goes down: an act of the operator's own. A kill at any
 * moment leaves what the next command of this kind takes back.
 * @throws QdomError `mdev/…`, `host/taken`, `machine/busy`, `machine/no-permission`.
 */
export function createMdev(cx: MachineContext, device: MediatedDevice): Promise<void> {
  return act(cx, 'nodedev-create', device.uuid, () => make(cx, device));
}

/** Makes one that is defined. @throws QdomError `mdev/not-defined`, and as `createMdev`. */
export function startMdev(cx: MachineContext, name: string): Promise<MediatedDevice> {
  return act(cx, 'nodedev-start', uuidIn(name), async () => {
    const device = readMdevDefinition(cx, name);
    await make(cx, device);
    return device;
  });
}

/**
 * Removes one that no machine has; its definition stays.
 * @throws QdomError `mdev/not-active`, `mdev/busy`, `mdev/not-removed`, `host/taken`.
 */
export function destroyMdev(cx: MachineContext, name: string): Promise<MediatedDevice> {
  const uuid = uuidIn(name);
  return act(cx, 'nodedev-destroy', uuid, async () => {
    if (!isMdevThere(cx.host, uuid)) throw fail(mdevErrors['not-active'], { name });
    const device = activeMdev(cx, uuid);
    await removeMdev(cx.host, device, { patienceMs: 0 });
    unlessCode('ENOENT', () => cx.host.removeFile(madeMdev(cx.directories, uuid).made));
    return device;
  });
}

/** The UUIDs of those whose making was cut off. */
export function unfinishedMdevs({ host, directories }: MachineContext): readonly string[] {
  const files = host.listDirectory(madeMdevsDirectory(directories));
  return files.flatMap((file) =>
    file.endsWith(JOURNAL_SUFFIX) ? [file.slice(0, -JOURNAL_SUFFIX.length)] : [],
  );
}

/** Takes back what commands that were killed have left. @returns the UUIDs. @throws QdomError `host/undo-failed`. */
export function reapMdevs(cx: MachineContext): Promise<readonly string[]> {
  if (unfinishedMdevs(cx).length === 0) return Promise.resolve([]);
  return withMdevs(cx, 'reap', async () => {
    const unfinished = unfinishedMdevs(cx);
    for (const uuid of unfinished) tellFailures(await takeBack(cx, uuid));
    return unfinished;
  });
}

/** One of these at a time, on no device that a machine has or is about to take. */
function act<T>(cx: MachineContext, operation: string, uuid: string, body: () => Promise<T>): Promise<T> {
  return withMdevs(cx, operation, async () => {
    tellFailures(await takeBack(cx, uuid));
    const owners = ownersFor(cx, '');
    ensureDirectory(cx.host, owners.directory);
    return withDirectoryLock(cx.host, owners.directory, () => {
      const claim = mdevClaim(mdevPath(uuid));
      const machine = otherOwner(cx.host, owners, claim);
      if (machine !== undefined) throw fail(hostErrors.taken, { resource: claim.resource, machine });
      return body();
    });
  });
}

async function make(cx: MachineContext, device: MediatedDevice): Promise<void> {
  const { host, directories } = cx;
  const { uuid } = device;
  if (isMdevThere(host, uuid))
    throw fail(mdevErrors['already-there'], { name: mdevName(activeMdev(cx, uuid)) });
  checkMakeable(host, device);
  const { journal, made } = madeMdev(directories, uuid);
  ensureDirectory(host, madeMdevsDirectory(directories));
  try {
    writeEntry(host, journal, { op: 'intent', step: 0, type: 'mediated-device', record: { made: device } });
    await makeMdev(host, device);
    host.writeFile(made, `${JSON.stringify(device)}\n`, FILE_MODE);
    // From here on it is there, and stays.
    host.removeFile(journal);
  } catch (error) {
    throw withUndoFailures(asQdomError(error), await takeBack(cx, uuid));
  }
}

/** Undoes a making that did not come to its end. */
async function takeBack({ host, directories }: MachineContext, uuid: string): Promise<readonly Diagnostic[]> {
  const { journal, made } = madeMdev(directories, uuid);
  if (host.status(journal) === undefined) return [];
  const failures = await undoSteps(host, journal, 'rollback');
  if (failures.length > 0) return failures;
  unlessCode('ENOENT', () => host.removeFile(made));
  host.removeFile(journal);
  return [];
}

function asQdomError(error: unknown): QdomError {
  if (error instanceof QdomError) return error;
  const reason = messageOf(error);
  return fail(hostErrors['step-failed'], { act: 'making a mediated device', reason }, { cause: error });
}

function tellFailures(failures: readonly Diagnostic[]): void {
  if (failures.length > 0) throw new QdomError(failures);
}
