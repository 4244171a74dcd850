import type { Context } from '../../context.ts';
import { type Image, numberChain, type TopImage } from '../../shared/storage/index.ts';
import { imageSource } from '../../shared/storage/volume.ts';
import type { Disk } from './model.ts';

/** The block nodes' numbers and images of one disk. */
export interface DiskImages {
  /** Undefined for an empty drive, and for a disk whose data another process serves. */
  readonly image?: Image | undefined;
  /** The node names of the disk's throttle filters, in their order. */
  readonly filters: readonly string[];
}

/**
 * The images of every disk of a domain. libvirt numbers the nodes from the last disk to the first, and so do we: their
 * names are seen by whoever migrates or takes snapshots.
 */
export function imagesOf(disks: readonly Disk[], cx: Context): ReadonlyMap<Disk, DiskImages> {
  return numbered(disks, cx).images;
}

/** The number of the first block node after those of all disks. */
export function firstFreeNode(disks: readonly Disk[], cx: Context): number {
  return numbered(disks, cx).next;
}

interface Numbered {
  readonly images: ReadonlyMap<Disk, DiskImages>;
  readonly next: number;
}

function numbered(disks: readonly Disk[], cx: Context): Numbered {
  const known = memo.get(disks);
  if (known !== undefined) return known;
  const map = new Map<Disk, DiskImages>();
  let next = 1;
  for (const disk of disks.toReversed()) {
    const top = topImage(disk, cx);
    const chain: { image?: Image; next: number } =
      top === undefined ? { next: next + emptyNumbers(disk) } : numberChain(top, disk.backingStore, next);
    const filters = (disk.throttlefilters?.throttlefilter ?? []).map(
      (_, i) => `libvirt-${chain.next + i}-filter`,
    );
    map.set(disk, { image: chain.image, filters });
    next = chain.next + filters.length;
  }
  const result = { images: map, next };
  memo.set(disks, result);
  return result;
}

/** A memo and no state: a placed list of disks never changes. */
const memo = new WeakMap<readonly Disk[], Numbered>();

/** An empty drive has a number too; what has no block node in this QEMU has none. */
function emptyNumbers({ target, type }: Disk): number {
  return target.bus === 'sd' || type === 'vhostuser' ? 0 : 1;
}

function topImage(disk: Disk, cx: Context): TopImage | undefined {
  const { source, target, driver } = disk;
  if (source === undefined || target.bus === 'sd') return undefined;
  const found = imageSource(source, cx);
  if (found === undefined) return undefined;
  return {
    source: found.source,
    format: driver.type ?? (found.source.kind === 'dir' ? 'fat' : 'raw'),
    readonly: disk.readonly === true,
    isCdrom: disk.device === 'cdrom',
    isFloppy: disk.device === 'floppy',
    // A volume's credentials are its pool's.
    auth: source.kind === 'volume' ? found.auth : (disk.auth ?? found.auth),
    encryption: disk.encryption ?? found.encryption,
    metadataCache: driver.metadata_cache,
  };
}
