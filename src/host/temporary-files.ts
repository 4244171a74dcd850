import { join } from 'node:path';
import { makeDirectories, missingDirectories, unlessCode } from './directories.ts';
import { hashedName } from './hashed-name.ts';
import type { HostSystem } from './system.ts';
import { removeWritten } from './written-file.ts';

/**
 * A file or directory on disk that goes with a machine. What notes it outlives a reboot, which the machine's run directory and
 * the journal in it do not.
 */
interface TemporaryFile {
  readonly path: string;
  readonly machine: string;
  /** Then it goes with all that is in it. */
  readonly isDirectory: boolean;
}

const RECORD_MODE = 0o600;
const SUFFIX = '.json';

function recordFile(records: string, path: string): string {
  return join(records, hashedName(path) + SUFFIX);
}

/** Notes what is about to be made. @param records the directory of the notes, which is made if it is not there */
export function noteTemporary(host: HostSystem, records: string, file: TemporaryFile): void {
  makeDirectories(missingDirectories(records, host), host);
  host.writeFile(recordFile(records, file.path), `${JSON.stringify(file)}\n`, RECORD_MODE);
}

/** It is gone, or never was made. */
export function dropNote(host: HostSystem, records: string, path: string): void {
  if (host.status(records) !== undefined) removeWritten(recordFile(records, path), host);
}

/** Those that are still there although their machine is no more. */
export function forgottenTemporaries(
  host: HostSystem,
  records: string,
  isThere: (machine: string) => boolean,
): readonly TemporaryFile[] {
  return host
    .listDirectory(records)
    .filter((name) => name.endsWith(SUFFIX))
    .flatMap((name) => read(host, join(records, name)))
    .filter(({ machine }) => !isThere(machine));
}

/** One that could not be removed, and why. */
interface NotRemoved {
  readonly path: string;
  readonly error: unknown;
}

/** Removes those; goes on past the ones where it fails. */
export function removeForgotten(
  host: HostSystem,
  records: string,
  isThere: (machine: string) => boolean,
): readonly NotRemoved[] {
  return forgottenTemporaries(host, records, isThere).flatMap(({ path, isDirectory }) => {
    try {
      if (isDirectory) host.removeTree(path);
      else unlessCode('ENOENT', () => host.removeFile(path));
      dropNote(host, records, path);
      return [];
    } catch (error) {
      return [{ path, error }];
    }
  });
}

function read(host: HostSystem, record: string): readonly TemporaryFile[] {
  try {
    return [JSON.parse(host.readText(record) ?? '') as TemporaryFile];
  } catch {
    return [];
  }
}
