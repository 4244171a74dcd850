import { makeDirectories, missingDirectories, unlessCode } from './directories.ts';
import { type LeftFile, readRecord, recordFile, recordsIn, writeRecord } from './file-records.ts';
import { withDirectoryLock } from './owners.ts';
import type { HostSystem } from './system.ts';
import { removeWritten } from './written-file.ts';

/**
 * A file or directory on disk that goes with a machine. What notes it outlives a reboot, which the machine's run directory and
 * the journal in it do not.
 */
export interface TemporaryFile {
  readonly path: string;
  readonly machine: string;
  /** Then it goes with all that is in it. */
  readonly isDirectory: boolean;
  /** It is the domain's own rather than the machine's: it stays as long as a domain of this UUID is defined or runs. */
  readonly uuid?: string;
}

/** @returns whether the file is still somebody's */
type IsKept = (file: TemporaryFile) => boolean;

/** Notes what is about to be made. @param records the directory of the notes, which is made if it is not there */
export function noteTemporary(host: HostSystem, records: string, file: TemporaryFile): void {
  makeDirectories(missingDirectories(records, host), host);
  writeRecord(host, recordFile(records, file.path), file);
}

/** It is gone, or never was made. */
export function dropNote(host: HostSystem, records: string, path: string): void {
  if (host.status(records) !== undefined) removeWritten(recordFile(records, path), host);
}

/** Those that are still there although their machine is no more. */
export function forgottenTemporaries(
  host: HostSystem,
  records: string,
  isKept: IsKept,
): readonly TemporaryFile[] {
  return recordsIn(host, records)
    .flatMap((record) => readRecord<TemporaryFile>(host, record) ?? [])
    .filter((file) => !isKept(file));
}

/**
 * Removes those; goes on past the ones where it fails. What it removes is noted until it is gone, and it is looked at again
 * under a lock: a start that comes after it never finds half of a file, and loses none that it has made.
 */
export async function removeForgotten(
  host: HostSystem,
  records: string,
  isKept: IsKept,
): Promise<readonly LeftFile[]> {
  const failures: LeftFile[] = [];
  for (const { path } of forgottenTemporaries(host, records, isKept)) {
    try {
      await withDirectoryLock(host, records, async () => remove(host, records, path, isKept));
    } catch (error) {
      failures.push({ path, error });
    }
  }
  return failures;
}

function remove(host: HostSystem, records: string, path: string, isKept: IsKept): void {
  const file = readRecord<TemporaryFile>(host, recordFile(records, path));
  if (file === undefined || isKept(file)) return;
  if (file.isDirectory) host.removeTree(path);
  else unlessCode('ENOENT', () => host.removeFile(path));
  dropNote(host, records, path);
}
