import { dirname, join } from 'node:path';
import { type ImageFact, imageKey } from '../../plan/index.ts';
import { findProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';

/** An image and the format that it is said to have. */
export interface NamedImage {
  readonly path: string;
  readonly format: string;
}

/** Chains that are longer are refused anyway. */
const MOST_IMAGES = 200;
const AT_ONCE = 8;

/** Formats whose metadata can name another file; what another holds is never looked at. */
const WITH_METADATA: ReadonlySet<string> = new Set(['qcow2', 'qcow', 'qed', 'vmdk']);

/**
 * What images of this host, and those beneath them, say of themselves. Each is read in the format that the domain or the
 * image above gives it and in no other: what a raw image holds was written by a guest, who could otherwise make us open any file.
 */
export async function readImages(
  host: HostSystem,
  tops: readonly NamedImage[],
): Promise<Readonly<Record<string, ImageFact>>> {
  const facts: Record<string, ImageFact> = {};
  let next = tops;
  for (let depth = 0; next.length > 0 && depth <= MOST_IMAGES; depth++) {
    const unknown = new Map(
      next.map((image) => [imageKey(image), image] as const).filter(([key]) => !(key in facts)),
    );
    next = [];
    for (const some of chunks([...unknown], AT_ONCE)) {
      const read = await Promise.all(some.map(([, image]) => readImage(host, image)));
      some.forEach(([key], i) => {
        const fact = read[i] ?? { kind: 'missing' };
        facts[key] = fact;
        if (fact.kind === 'read' && fact.backing?.format !== undefined)
          next = [...next, { path: fact.backing.path, format: fact.backing.format }];
      });
    }
  }
  return facts;
}

async function readImage(host: HostSystem, { path, format }: NamedImage): Promise<ImageFact> {
  if (host.status(path) === undefined) return { kind: 'missing' };
  const place = { kind: 'read', isBlockDevice: host.blockDeviceNumber(path) !== undefined } as const;
  if (!WITH_METADATA.has(format)) return place;
  const program = findProgram(host, 'qemu-img');
  if (program === undefined)
    return { kind: 'unreadable', reason: "the program 'qemu-img' is not installed (apt install qemu-utils)" };
  // -U: another machine may have it.
  const { exitCode, stdout, stderr } = await host.run(program, [
    ...['info', '-U', '--output', 'json', '-f', format, '--', path],
  ]);
  if (exitCode !== 0) return { kind: 'unreadable', reason: stderr.trim().split('\n')[0] ?? '' };
  try {
    return { ...place, ...fromMetadata(path, JSON.parse(stdout) as ImageInfo) };
  } catch {
    return { kind: 'unreadable', reason: 'qemu-img gave no answer that can be understood' };
  }
}

/** QAPI: `ImageInfo`. */
interface ImageInfo {
  readonly encrypted?: boolean;
  readonly 'backing-filename'?: string;
  readonly 'backing-filename-format'?: string;
  readonly 'format-specific'?: { readonly data?: { readonly 'data-file'?: string } };
}

function fromMetadata(path: string, info: ImageInfo): Partial<ImageFact & { kind: 'read' }> {
  const backing = info['backing-filename'];
  const format = info['backing-filename-format'];
  const dataFile = info['format-specific']?.data?.['data-file'];
  return {
    ...(info.encrypted && { isEncrypted: true }),
    ...(backing !== undefined && {
      backing: { path: located(path, backing), ...(format !== undefined && { format: asFormat(format) }) },
    }),
    ...(dataFile !== undefined && { dataFile: located(path, dataFile) }),
  };
}

/** Images of old name their protocol's driver, under which everything is raw. */
function asFormat(driver: string): string {
  return driver === 'file' || driver === 'host_device' ? 'raw' : driver;
}

/** A path that is relative to the image that names it; other places than local files stay as they are written. */
function located(image: string, name: string): string {
  const path = localPath(name);
  if (path === undefined) return name;
  return path.startsWith('/') ? path : join(dirname(image), path);
}

/** The local path that a name means (QEMU: a protocol stands before the first colon that no slash precedes). */
function localPath(name: string): string | undefined {
  if (name.startsWith('file:')) return name.slice('file:'.length);
  if (name.startsWith('json:')) return pathOfJson(name.slice('json:'.length));
  return /^[^/]*:/.test(name) ? undefined : name;
}

/** `json:{"driver":"qcow2","file":{"driver":"file","filename":"…"}}` */
function pathOfJson(text: string): string | undefined {
  const options = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const nested = options.file as Readonly<Record<string, unknown>> | undefined;
  const driver = nested?.driver ?? options['file.driver'];
  const filename = nested?.filename ?? options['file.filename'];
  const isLocal = driver === 'file' || driver === 'host_device';
  return isLocal && typeof filename === 'string' ? filename : undefined;
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}
