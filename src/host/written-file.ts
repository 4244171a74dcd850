import { unlessCode } from './directories.ts';
import type { HostSystem } from './system.ts';

/** What `writeFile` leaves beside a file if it is killed. */
export function halfOf(path: string): string {
  return `${path}.new`;
}

/** Removes a file that `writeFile` has made, or half of it. */
export function removeWritten(path: string, host: HostSystem): void {
  for (const file of [path, halfOf(path)]) unlessCode('ENOENT', () => host.removeFile(file));
}
