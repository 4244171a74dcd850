import { removeDirectories } from './directories.ts';
import { command, ip, linkSettings } from './ip.ts';
import { mountsOf } from './mounts.ts';
import type { HostSystem } from './system.ts';

/**
 * How something is undone that several machines use at once: plain JSON, kept with the ownership. It may be done twice,
 * and for what was never done.
 */
export type SharedUndo =
  | { readonly kind: 'write'; readonly file: string; readonly text: string }
  | { readonly kind: 'link-down'; readonly name: string }
  | { readonly kind: 'unmount'; readonly path: string; readonly directories: readonly string[] };

/** @throws NodeJS.ErrnoException, QdomError `host/command-failed`. */
export async function undoShared(undo: SharedUndo, host: HostSystem): Promise<void> {
  switch (undo.kind) {
    case 'write':
      if (host.status(undo.file) !== undefined) host.overwrite(undo.file, undo.text);
      return;
    case 'link-down':
      if (linkSettings(host, undo.name)?.up === true && !hasUpper(host, undo.name))
        await ip(host, ['link', 'set', 'dev', undo.name, 'down']);
      return;
    case 'unmount':
      if (isMountPoint(undo.path, host)) await command(host, 'umount', [undo.path]);
      removeDirectories(undo.directories, host);
  }
}

/** Whether another link stands on this one (Documentation/ABI/testing/sysfs-class-net: `upper_*`). */
function hasUpper(host: HostSystem, name: string): boolean {
  return host.listDirectory(`/sys/class/net/${name}`).some((file) => file.startsWith('upper_'));
}

/** Whether something is mounted at exactly this path. */
export function isMountPoint(path: string, host: HostSystem): boolean {
  return mountsOf(host).some((mount) => mount.path === path);
}
