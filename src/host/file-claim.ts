import { basename, dirname, join } from 'node:path';
import { alone, type Claim } from './owners.ts';
import type { HostSystem } from './system.ts';

/** A file, there or to be made, as something that one machine has. */
export function fileClaim(path: string, host: HostSystem | undefined): Claim {
  return alone(fileResource(path, host));
}

/** The same for all names of a file: links lead to it, and so do the directories that are links (`/var/run`). */
export function fileResource(path: string, host: HostSystem | undefined): string {
  return `file:${host === undefined ? path : realName(path, host)}`;
}

/** A file's path without symbolic links, of one that is not there that of its place. */
export function realName(path: string, host: HostSystem): string {
  return host.realPath(path) ?? join(host.realPath(dirname(path)) ?? dirname(path), basename(path));
}
