import { dirname } from 'node:path';
import { mountsOf } from './mounts.ts';
import type { HostSystem } from './system.ts';

/** What keeps its files in memory only (proc(5): the third field of `mounts`). */
const IN_MEMORY: ReadonlySet<string> = new Set(['tmpfs', 'ramfs']);

/** The type of the file system that a path is on, or would be, and whether what is on it never reaches a disk (swap aside). */
export function isInMemory(
  host: HostSystem,
  path: string,
): { readonly inMemory: boolean; readonly type: string } {
  const types = new Map(mountsOf(host).map((mount) => [mount.path, mount.type]));
  let at = host.realPath(path) ?? path;
  while (!types.has(at) && at !== '/' && at !== '.') at = dirname(at);
  const type = types.get(at) ?? 'unknown';
  return { inMemory: IN_MEMORY.has(type), type };
}
