import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import type { QemuCaps } from '../../plan/caps.ts';
import { printLazily, readLazily, type Split } from './lazy-json.ts';
import type { ProbeOptions } from './probe.ts';

/** To be raised whenever what `buildCaps` gives for the same answers changes. */
const FORMAT_VERSION = 2;

export interface CachedProbeOptions extends ProbeOptions {
  readonly cacheDir: string;
}

/**
 * What the QEMU at `binary` can do: from the cache where the same QEMU on the same kernel was asked before, else by
 * asking it. A cache that is broken or cannot be written is passed over. Throws as `probeCaps`.
 */
export async function cachedCaps(binary: string, options: CachedProbeOptions): Promise<QemuCaps> {
  const identity = identityOf(binary);
  const known = identity === undefined ? undefined : readEntry(entryPath(options.cacheDir, binary), identity);
  if (known !== undefined) return known;
  // Most runs find the cache: they need neither the QMP client nor a child process.
  const { probeCaps } = await import('./probe.ts');
  const caps = await probeCaps(binary, options);
  if (identity !== undefined) writeEntry(entryPath(options.cacheDir, binary), identity, caps);
  return caps;
}

/** Makes `cachedCaps` give these for the QEMU at `binary`. */
export function rememberCaps(
  binary: string,
  caps: QemuCaps,
  { cacheDir }: Pick<CachedProbeOptions, 'cacheDir'>,
): void {
  const identity = identityOf(binary);
  if (identity !== undefined) writeEntry(entryPath(cacheDir, binary), identity, caps);
}

/**
 * All that the answers depend on, in one line: the binary, the directories of its loadable modules (which packages fill
 * without touching the binary), and the kernel with its KVM. The boot id stands for the CPU and the KVM modules' parameters.
 * `undefined` where there is no such binary.
 */
function identityOf(binary: string): string | undefined {
  const path = attempt(() => realpathSync.native(binary));
  const file = path === undefined ? undefined : attempt(() => statSync(path, { bigint: true }));
  if (path === undefined || file === undefined) return undefined;
  return JSON.stringify({
    format: FORMAT_VERSION,
    path,
    size: String(file.size),
    mtimeNs: String(file.mtimeNs),
    modules: moduleDirs(path).map((dir) => String(modifiedAt(dir))),
    kernel: release(),
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '',
    kvm: canOpenKvm(),
  });
}

/** Undefined where there is nothing; most hosts have one of these directories, and an exception takes longer than a look. */
function modifiedAt(path: string): bigint | undefined {
  return attempt(() => statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs);
}

function canOpenKvm(): boolean {
  const opened = attempt(() => {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  });
  return opened ?? false;
}

function moduleDirs(binary: string): readonly string[] {
  const prefix = dirname(dirname(binary));
  const fromEnvironment = process.env.QEMU_MODULE_DIR;
  return [
    ...['lib/qemu', 'lib64/qemu', 'lib/x86_64-linux-gnu/qemu'].map((dir) => join(prefix, dir)),
    ...(fromEnvironment === undefined ? [] : [fromEnvironment]),
  ];
}

/** A name that a person recognises; two paths that give the same one only take the place from each other. */
function entryPath(cacheDir: string, binary: string): string {
  return join(cacheDir, `${encodeURIComponent(binary).slice(-200)}.caps`);
}

/** A domain needs a hundredth of it. */
const READ_WHEN_ASKED: Split = { properties: {}, accel: { kvm: {}, tcg: {} }, schema: {} };

/** The entry's first line is the identity, the second the length of what follows: the capabilities. */
function readEntry(path: string, identity: string): QemuCaps | undefined {
  const text = attempt(() => readFileSync(path, 'utf8'));
  if (text === undefined || !text.startsWith(`${identity}\n`)) return undefined;
  const [length = ''] = text.slice(identity.length + 1, identity.length + 20).split('\n', 1);
  const caps = text.slice(identity.length + length.length + 2);
  return length === String(caps.length) ? (readLazily(caps) as unknown as QemuCaps) : undefined;
}

function writeEntry(path: string, identity: string, caps: QemuCaps): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const text = printLazily(caps, READ_WHEN_ASKED);
  const written = attempt(() => {
    makeDirectory(dirname(path));
    writeFileSync(temporary, `${identity}\n${text.length}\n${text}`, { mode: 0o600 });
    renameSync(temporary, path);
    return true;
  });
  if (written === undefined) attempt(() => rmSync(temporary, { force: true }));
}

/** A cache never fails: what cannot be read or written is as if it were not there. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** Node's own `recursive` never returns where a file system refuses with ENOENT, as /proc does. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
