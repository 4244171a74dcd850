import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyModules, packInitrd, unpackKernel } from '../../guest/debian-kernel.ts';
import { MODULES } from './modules.ts';

/** Debian's full kernel and an initramfs that leads to the outer host's root; kept in `.cache`. */
export interface LabKernel {
  readonly image: string;
  readonly initrd: string;
}

const CACHE = fileURLToPath(new URL('../../../.cache/lab', import.meta.url));
const INIT = fileURLToPath(new URL('init.sh', import.meta.url));

/**
 * The lab's kernel, made if it is not there.
 * @returns why it cannot be made, where it cannot
 */
export async function labKernel(): Promise<LabKernel | { readonly missing: string }> {
  const madeFrom = [readFileSync(INIT), readFileSync(new URL('modules.ts', import.meta.url))];
  const key = madeFrom.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
  const directory = path.join(CACHE, key.slice(0, 16));
  const kernel = { image: path.join(directory, 'vmlinuz'), initrd: path.join(directory, 'initrd.gz') };
  if (existsSync(directory)) return kernel;
  const work = path.join(CACHE, `work-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    await build(work, path.join(work, 'made'));
    // It appears whole or not at all; another run may have been faster.
    if (!existsSync(directory)) renameSync(path.join(work, 'made'), directory);
    return kernel;
  } catch (error) {
    return { missing: `the lab's packages cannot be had: ${(error as Error).message.split('\n')[0]}` };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function build(work: string, to: string): Promise<void> {
  const kernel = await unpackKernel('linux-image-amd64', work);
  const root = path.join(work, 'root');
  const lib = path.join(root, 'lib/modules', kernel.release);
  for (const directory of [
    path.join(root, 'bin'),
    ...['proc', 'sys', 'dev'].map((d) => path.join(root, d)),
    to,
  ])
    mkdirSync(directory, { recursive: true });
  copyFileSync(kernel.busybox, path.join(root, 'bin/busybox'));
  const needs = await copyModules(kernel, MODULES, lib);
  writeFileSync(path.join(lib, 'modules.dep'), modulesDep(needs));
  writeFileSync(path.join(lib, 'wanted'), [...needs.keys()].join(' '));
  copyFileSync(INIT, path.join(root, 'init'));
  chmodSync(path.join(root, 'init'), 0o755);
  copyFileSync(kernel.image, path.join(to, 'vmlinuz'));
  await packInitrd(root, path.join(to, 'initrd.gz'));
}

/** What modprobe reads (man modules.dep): a module's file and all that it needs, what is loaded first being last. */
function modulesDep(needs: ReadonlyMap<string, readonly string[]>): string {
  const all = (name: string): string[] => (needs.get(name) ?? []).flatMap((other) => [other, ...all(other)]);
  return [...needs.keys()]
    .map((name) => {
      // Of a module that is needed twice the last mention counts.
      const others = [...new Set(all(name).reverse())].reverse();
      return `${name}.ko:${others.map((other) => ` ${other}.ko`).join('')}\n`;
    })
    .join('');
}
