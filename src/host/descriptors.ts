import type { DescriptorFile } from '../plan/index.ts';

/** What looking for descriptors needs of a file system. */
export interface DescriptorSource {
  /** The names in a directory; none if it is not there. */
  listDirectory(path: string): readonly string[];
  /** A file's text; undefined if it is not there or not readable. */
  readText(path: string): string | undefined;
}

export interface DescriptorSearch {
  /** The directory that stands for `/`. */
  readonly root: string;
  /** The user's home; only an unprivileged user's own descriptors count. */
  readonly home?: string;
  readonly xdgConfigHome?: string;
}

/**
 * The descriptors of one kind in the order in which they count (QEMU's docs/interop/firmware.json and
 * vhost-user.json): `*.json` of /usr/share/qemu, /etc/qemu and the user's configuration directory; of one name the
 * directory named last wins; an empty file masks; the order is that of the names' bytes. A file that is not JSON
 * is kept with content `undefined`, so that whoever chooses can say so.
 */
export function findDescriptors(
  source: DescriptorSource,
  kind: 'firmware' | 'vhost-user',
  search: DescriptorSearch,
): DescriptorFile[] {
  const byName = new Map<string, string>();
  for (const directory of descriptorDirectories(kind, search))
    for (const name of source.listDirectory(search.root + directory))
      if (name.endsWith('.json') && !name.startsWith('.')) byName.set(name, `${directory}/${name}`);

  return [...byName.keys()].sort(compareBytes).flatMap((name) => {
    const path = byName.get(name) ?? '';
    const text = source.readText(search.root + path);
    return text === undefined || text.trim() === '' ? [] : [{ path, content: parseJson(text) }];
  });
}

function descriptorDirectories(kind: string, { home, xdgConfigHome }: DescriptorSearch): string[] {
  const own = xdgConfigHome ?? (home === undefined ? undefined : `${home}/.config`);
  return [
    `/usr/share/qemu/${kind}`,
    `/etc/qemu/${kind}`,
    ...(own === undefined ? [] : [`${own}/qemu/${kind}`]),
  ];
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
