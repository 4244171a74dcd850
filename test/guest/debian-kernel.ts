import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';

/** A kernel of Debian's and a busybox, unpacked from their packages. */
export interface DebianKernel {
  readonly image: string;
  /** As `uname -r` says. */
  readonly release: string;
  readonly busybox: string;
  /** Where each module's file is, by its name. */
  readonly modules: ReadonlyMap<string, string>;
  /** Those that are part of the image. */
  readonly builtIn: ReadonlySet<string>;
}

/**
 * Takes the newest kernel that a meta package (`linux-image-amd64`) depends on, as a package, into a directory.
 * @throws if the packages cannot be had
 */
export async function unpackKernel(metaPackage: string, work: string): Promise<DebianKernel> {
  const { stdout } = await execa('apt-cache', ['depends', metaPackage]);
  const name = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
  if (name === undefined) throw new Error(`no package ${metaPackage} (apt-get update?)`);
  await execa('apt-get', ['download', name, 'busybox-static'], { cwd: work });
  const tree = path.join(work, 'tree');
  for (const file of readdirSync(work).filter((f) => f.endsWith('.deb'))) {
    await execa('dpkg-deb', ['-x', file, tree], { cwd: work });
    rmSync(path.join(work, file));
  }
  // Debian 13 has everything below /usr.
  const below = (part: string) => [path.join(tree, part), path.join(tree, 'usr', part)].find(existsSync);
  const lib = below('lib/modules') ?? '';
  const release = readdirSync(lib)[0] ?? '';
  const files = readdirSync(path.join(lib, release), { recursive: true, encoding: 'utf8' });
  const modules = files.flatMap((file): (readonly [string, string])[] => {
    const module = moduleOf(file);
    return module === undefined ? [] : [[module, path.join(lib, release, file)]];
  });
  const builtIn = readFileSync(path.join(lib, release, 'modules.builtin'), 'utf8')
    .split('\n')
    .map(moduleOf);
  return {
    image: path.join(tree, 'boot', `vmlinuz-${release}`),
    release,
    busybox: below('bin/busybox') ?? '',
    modules: new Map(modules),
    builtIn: new Set(builtIn.filter((name) => name !== undefined)),
  };
}

/**
 * Copies modules and what they need into a directory as NAME.ko.
 * @returns for each the modules that it needs, in an order in which they can be loaded
 * @throws if the kernel has no such module
 */
export async function copyModules(
  kernel: DebianKernel,
  names: readonly string[],
  to: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const copied = new Map<string, readonly string[]>();
  mkdirSync(to, { recursive: true });
  const copy = async (given: string): Promise<void> => {
    const name = underscored(given);
    if (copied.has(name) || kernel.builtIn.has(name)) return;
    const from = kernel.modules.get(name);
    if (from === undefined) throw new Error(`the kernel ${kernel.release} has no module ${name}`);
    const file = path.join(to, `${name}.ko`);
    copyFileSync(from, from.endsWith('.xz') ? `${file}.xz` : file);
    if (from.endsWith('.xz')) await execa('xz', ['-d', `${file}.xz`]);
    const needs = needsOf(file);
    for (const other of needs) await copy(other);
    copied.set(name, needs);
  };
  for (const name of names) await copy(name);
  return copied;
}

/** Packs a directory as an initramfs; its own busybox does that, so that this host needs no cpio. */
export async function packInitrd(root: string, to: string): Promise<void> {
  const pack = 'set -o pipefail; find . | bin/busybox cpio -o -H newc | gzip -1 >"$0"';
  await execa('bash', ['-c', pack, to], { cwd: root });
}

/** A module says in its section `.modinfo` which others it needs: `depends=a,b`. */
function needsOf(file: string): string[] {
  const [, needs = ''] = /\0depends=([^\0]*)\0/.exec(readFileSync(file, 'latin1')) ?? [];
  return needs
    .split(',')
    .filter((name) => name !== '')
    .map(underscored);
}

/** The module's name, if it is a module's file. */
function moduleOf(file: string): string | undefined {
  const name = /([^/]+)\.ko(\.xz)?$/.exec(file)?.[1];
  return name === undefined ? undefined : underscored(name);
}

/** The kernel takes a dash for an underscore in the names of modules. */
function underscored(name: string): string {
  return name.replaceAll('-', '_');
}
