import { fail } from '../errors/index.ts';
import type { Credentials } from './credentials.ts';
import { makeDirectories, missingDirectories, unlessCode } from './directories.ts';
import { hostErrors } from './errors.ts';
import { type LeftFile, readRecord, recordFile, recordsIn, writeRecord } from './file-records.ts';
import { withDirectoryLock } from './owners.ts';
import type { HostSystem } from './system.ts';
import { halfOf } from './written-file.ts';

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Whose a file was before machines used it, and which do. On disk before the owner is changed, and kept over a reboot. */
interface FileOwnerRecord {
  readonly path: string;
  readonly before: Owner;
  readonly given: Owner;
  readonly machines: readonly string[];
}

/** Whether some machine has the file's owner changed. */
export function isGiven(host: HostSystem, records: string, path: string): boolean {
  return readRecord<FileOwnerRecord>(host, recordFile(records, path)) !== undefined;
}

/** A machine that uses the file as another user, so that it cannot be had. */
function conflictingMachine(
  host: HostSystem,
  record: string,
  { uid }: Credentials,
  machine: string,
): { readonly machine: string; readonly uid: number } | undefined {
  const found = readRecord<FileOwnerRecord>(host, record);
  const other = found?.machines.find((one) => one !== machine);
  if (found === undefined || other === undefined || found.given.uid === uid) return undefined;
  return { machine: other, uid: found.given.uid };
}

/**
 * Makes the file the property of the user, for as long as a machine uses it so.
 * @param records the directory of the records, which is made if it is not there
 * @throws QdomError `host/owner-taken`, `host/owner-refused`
 */
export async function giveFile(
  host: HostSystem,
  records: string,
  { path, machine, who }: { readonly path: string; readonly machine: string; readonly who: Credentials },
): Promise<void> {
  const file = recordFile(records, path);
  makeDirectories(missingDirectories(records, host), host);
  await withDirectoryLock(host, records, async () => {
    const other = conflictingMachine(host, file, who, machine);
    if (other !== undefined)
      throw fail(hostErrors['owner-taken'], { path, machine: other.machine, owner: String(other.uid) });
    const known = readRecord<FileOwnerRecord>(host, file);
    const status = host.status(path);
    if (status === undefined) return;
    const before = known?.before ?? { uid: status.uid, gid: status.gid };
    const given = { uid: who.uid, gid: who.gid };
    const machines = [...new Set([...(known?.machines ?? []), machine])];
    writeRecord(host, file, { path, before, given, machines });
    change(host, path, given);
  });
}

function change(host: HostSystem, path: string, { uid, gid }: Owner): void {
  try {
    host.changeOwner(path, uid, gid);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw fail(hostErrors['owner-refused'], { path, owner: String(uid), reason: code ?? message }, { cause });
  }
}

/** The machine uses the file no more; the last gives it back to whose it was, unless somebody has changed that meanwhile. */
export async function giveFileBack(
  host: HostSystem,
  records: string,
  { path, machine }: { readonly path: string; readonly machine: string },
): Promise<void> {
  const file = recordFile(records, path);
  if (readRecord<FileOwnerRecord>(host, file) === undefined && host.status(halfOf(file)) === undefined)
    return;
  await withDirectoryLock(host, records, async () => {
    unlessCode('ENOENT', () => host.removeFile(halfOf(file)));
    dismiss(host, file, (one) => one === machine);
  });
}

function dismiss(host: HostSystem, file: string, isGone: (machine: string) => boolean): void {
  const record = readRecord<FileOwnerRecord>(host, file);
  if (record === undefined) return;
  const machines = record.machines.filter((one) => !isGone(one));
  if (machines.length === record.machines.length) return;
  if (machines.length > 0) {
    writeRecord(host, file, { ...record, machines });
    return;
  }
  const status = host.status(record.path);
  if (status?.uid === record.given.uid && status.gid === record.given.gid)
    change(host, record.path, record.before);
  unlessCode('ENOENT', () => host.removeFile(file));
}

/** The files that still belong to QEMU's user although a machine that used them is no more. */
export function forgottenFiles(
  host: HostSystem,
  records: string,
  isThere: (machine: string) => boolean,
): readonly string[] {
  return recordsIn(host, records).flatMap((file) => {
    const record = readRecord<FileOwnerRecord>(host, file);
    return record === undefined || record.machines.every(isThere) ? [] : [record.path];
  });
}

/**
 * Gives back the files of machines that are no more: their run directories, and the journals in them, do not outlive a reboot.
 * Goes on past those where it fails.
 */
export async function giveBackForgotten(
  host: HostSystem,
  records: string,
  isThere: (machine: string) => boolean,
): Promise<readonly LeftFile[]> {
  const failures: LeftFile[] = [];
  for (const file of recordsIn(host, records)) {
    const record = readRecord<FileOwnerRecord>(host, file);
    if (record === undefined || record.machines.every(isThere)) continue;
    try {
      await withDirectoryLock(host, records, async () => dismiss(host, file, (one) => !isThere(one)));
    } catch (error) {
      failures.push({ path: record.path, error });
    }
  }
  return failures;
}
