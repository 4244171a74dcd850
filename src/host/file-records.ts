import { join } from 'node:path';
import { hashedName } from './hashed-name.ts';
import type { HostSystem } from './system.ts';

/** A record for each of many files, in a directory that is kept over a reboot. */

const MODE = 0o600;
const SUFFIX = '.json';

/** The record of the file with this path. */
export function recordFile(records: string, path: string): string {
  return join(records, hashedName(path) + SUFFIX);
}

/** All that there are. */
export function recordsIn(host: HostSystem, records: string): readonly string[] {
  return host
    .listDirectory(records)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => join(records, name));
}

/** What a record says; undefined if it is not there, or damaged. */
export function readRecord<T>(host: HostSystem, record: string): T | undefined {
  try {
    return JSON.parse(host.readText(record) ?? '') as T;
  } catch {
    return undefined;
  }
}

/** On disk when this returns. */
export function writeRecord(host: HostSystem, record: string, content: object): void {
  host.writeFile(record, `${JSON.stringify(content)}\n`, MODE);
}

/** A file that could not be given back or removed, and why. */
export interface LeftFile {
  readonly path: string;
  readonly error: unknown;
}
