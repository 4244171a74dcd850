import {
  type HostRequirement,
  type ImageChainProblem,
  type ImageFact,
  imageKey,
} from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { type Context, fromPlace } from '../../context.ts';
import type { Domain } from '../../domain.ts';
import type { Placed } from '../../shared/device-base.ts';
import type { BackingStore } from '../../shared/storage/chain.ts';
import type { StorageSource } from '../../shared/storage/source.ts';
import { storageFormat } from '../../shared/storage/types.ts';
import { diskErrors } from './errors.ts';
import type { Disk } from './model.ts';

/** More images than anybody has, and as many as libvirt follows. */
const MOST_IMAGES = 200;

export interface Detected {
  /** The domain as it runs: every chain to its end, and without the disks that may be left out and are not there. */
  readonly domain: Domain;
  readonly host: readonly HostRequirement[];
}

/**
 * Completes the chains of images by what the images say of themselves, where the XML leaves that open (format: "Disk image
 * chains"). What is found is not part of the definition: it is found anew at each start.
 */
export function detectImages(domain: Domain, cx: Context): Detected {
  const { images } = cx.env.facts;
  if (images === undefined || cx.env.profile.kind === 'libvirt') return { domain, host: [] };
  const host: HostRequirement[] = [];
  const disk = domain.devices.disk.flatMap((one) => {
    const chain = detect(one, images);
    if (isLeftOut(one, chain.problem)) return leftOut(one, chain.problem, cx);
    host.push(...requirement(one, chain));
    return [{ ...one, ...chain.found } as Placed<Disk>];
  });
  return { domain: { ...domain, devices: { ...domain.devices, disk } }, host };
}

interface Chain {
  readonly images: readonly string[];
  readonly found: Pick<Disk, 'source' | 'backingStore'>;
  readonly problem?: ImageChainProblem | undefined;
}

type Images = Readonly<Record<string, ImageFact>>;

function detect({ source, driver, backingStore }: Placed<Disk>, images: Images): Chain {
  const link = { source, format: driver.type ?? 'raw', backingStore, isDetected: false };
  const { store, ...chain } = follow(link, images, []);
  return { ...chain, found: { source: store.source, backingStore: store.backingStore } };
}

/** One image of a chain, as far as it is known. */
interface Link {
  readonly source: StorageSource | undefined;
  readonly format: string;
  readonly backingStore: BackingStore | undefined;
  /** The image above names it, and not the XML. */
  readonly isDetected: boolean;
}

interface Followed {
  readonly images: readonly string[];
  readonly store: Pick<BackingStore, 'source' | 'backingStore'>;
  readonly problem?: ImageChainProblem | undefined;
}

function follow(link: Link, images: Images, above: readonly string[]): Followed {
  const { source, backingStore } = link;
  const path = localPath(source);
  const known = path === undefined ? undefined : images[imageKey({ path, format: link.format })];
  const through = path === undefined ? above : [...above, path];
  const stop = (problem?: ImageChainProblem): Followed => ({
    images: through,
    store: { source, backingStore },
    problem,
  });
  if (path !== undefined && above.includes(path)) return stop({ kind: 'loop', image: path });
  if (through.length > MOST_IMAGES) return stop({ kind: 'depth', most: MOST_IMAGES });
  if (known?.kind === 'missing') return stop({ kind: 'missing', image: path ?? '' });
  if (backingStore !== undefined) return followGiven(link, backingStore, images, through);
  if (known === undefined || path === undefined) return stop();
  if (known.kind === 'unreadable') return stop({ kind: 'unreadable', image: path, reason: known.reason });
  if (known.isEncrypted && link.isDetected) return stop({ kind: 'encrypted', image: path });
  const own = withDataFile(source, known);
  if (known.backing === undefined)
    return { images: through, store: { source: own, backingStore: {} as BackingStore } };
  const { path: lower, format } = known.backing;
  const problem = problemOf(lower, format, path);
  if (problem !== undefined) return stop(problem);
  const isBlock = images[imageKey({ path: lower, format: format ?? '' })];
  const next = localSource(lower, isBlock?.kind === 'read' && isBlock.isBlockDevice);
  const rest = follow(
    { source: next, format: format ?? '', backingStore: undefined, isDetected: true },
    images,
    through,
  );
  const below = {
    type: next.kind,
    format: { type: storageFormat.read(format ?? '') },
    ...rest.store,
  } as BackingStore;
  return { ...rest, store: { source: own, backingStore: below } };
}

/** What the XML gives is not asked again of the image, only whether it is there. */
function followGiven(
  { source }: Link,
  given: BackingStore,
  images: Images,
  through: readonly string[],
): Followed {
  if (given.source === undefined) return { images: through, store: { source, backingStore: given } };
  const format = given.format?.type ?? 'raw';
  const link = { source: given.source, format, backingStore: given.backingStore, isDetected: false };
  const rest = follow(link, images, through);
  return { ...rest, store: { source, backingStore: { ...given, ...rest.store } } };
}

/** Why the image beneath `above` cannot be followed. */
function problemOf(lower: string, format: string | undefined, above: string): ImageChainProblem | undefined {
  if (!lower.startsWith('/')) return { kind: 'elsewhere', image: lower, above };
  if (format === undefined) return { kind: 'format', image: lower, above };
  return storageFormat.read(format) === undefined
    ? { kind: 'elsewhere', image: `${format}:${lower}`, above }
    : undefined;
}

function localSource(path: string, isBlock: boolean): StorageSource {
  return (isBlock
    ? { kind: 'block', dev: path, seclabel: [] }
    : { kind: 'file', file: path, seclabel: [] }) as unknown as StorageSource;
}

/** The file that a qcow2 image keeps its data in. */
function withDataFile(source: StorageSource | undefined, { dataFile }: ImageFact & { kind: 'read' }) {
  if (dataFile === undefined || source === undefined || !('slices' in source || source.kind === 'file'))
    return source;
  if ('dataStore' in source && source.dataStore !== undefined) return source;
  const store = { type: 'file', format: { type: 'raw' }, source: localSource(dataFile, false) };
  return { ...source, dataStore: store } as StorageSource;
}

/** The path of a file or device that QEMU opens by its name. */
function localPath(source: StorageSource | undefined): string | undefined {
  if (source?.kind === 'file') return source.fdgroup === undefined ? source.file : undefined;
  return source?.kind === 'block' ? source.dev : undefined;
}

function requirement(disk: Placed<Disk>, { images, problem }: Chain): readonly HostRequirement[] {
  if (images.length < 2 && problem === undefined) return [];
  const from = fromPlace(whereIs(disk, 'source'));
  return [{ type: 'image-chain', device: disk.id, images, ...(problem && { problem }), ...from }];
}

/** Format: `startupPolicy`; `requisite` drops nothing at a start. */
function isLeftOut({ source }: Disk, problem: ImageChainProblem | undefined): boolean {
  const policy = source !== undefined && 'startupPolicy' in source ? source.startupPolicy : undefined;
  return policy === 'optional' && problem?.kind === 'missing';
}

/** A drive for removable media stays, and is empty. */
function leftOut(
  disk: Placed<Disk>,
  problem: ImageChainProblem | undefined,
  cx: Context,
): readonly Placed<Disk>[] {
  const image = problem?.kind === 'missing' ? problem.image : '';
  cx.report.add(diskErrors['left-out'], { dev: disk.target.dev, image }, whereIs(disk, 'source'));
  if (disk.device !== 'cdrom' && disk.device !== 'floppy') return [];
  return [{ ...disk, source: undefined, backingStore: undefined }];
}
