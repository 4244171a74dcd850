import type { FilesystemXml } from './schema.ts';

/** How QEMU shares a directory. */
export type FilesystemDriver = NonNullable<NonNullable<FilesystemXml['driver']>['type']>;

/** A file system with its defaults. */
export interface Filesystem extends FilesystemXml {
  readonly type: NonNullable<FilesystemXml['type']>;
}

export function driverOf(filesystem: FilesystemXml): FilesystemDriver {
  return filesystem.driver?.type ?? 'path';
}
