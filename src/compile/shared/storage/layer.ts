import type { MetadataCache } from './chain.ts';
import type { StorageAuth, StorageEncryption } from './parts.ts';
import type { StorageSource } from './source.ts';
import type { StorageFormat } from './types.ts';

/** Where an image is, once volumes are looked up. */
export type ImageSource = Exclude<StorageSource, { readonly kind: 'volume' | 'vhostuser' }>;

/** One image of a backing chain, with all that its block nodes depend on. */
export interface Image {
  /** The stem of its nodes' names: `libvirt-3`, `libvirt-pflash0`. */
  readonly node: string;
  readonly source: ImageSource;
  readonly format: StorageFormat;
  readonly readonly: boolean;
  /** The device shows a CD-ROM drive: a drive of the host is opened as one. */
  readonly isCdrom?: boolean | undefined;
  /** The device shows a floppy drive: a directory is shown as a disk without partitions. */
  readonly isFloppy?: boolean | undefined;
  readonly auth?: StorageAuth | undefined;
  readonly encryption?: StorageEncryption | undefined;
  readonly metadataCache?: MetadataCache | undefined;
  /** The external data file of a qcow2 image. */
  readonly dataStore?: Image | undefined;
  /** The image that this one is based on; null if the XML says that there is none, undefined if it does not say. */
  readonly backing?: Image | null | undefined;
  /** A format node even where the storage node would do. */
  readonly alwaysFormatNode?: boolean | undefined;
}

/** What a disk's `<driver>` says of every image in its chain. */
export interface ChainOptions {
  readonly cache?: CacheMode | undefined;
  readonly io?: 'threads' | 'native' | 'io_uring' | undefined;
  readonly discard?: 'unmap' | 'ignore' | undefined;
  readonly detectZeroes?: 'off' | 'on' | 'unmap' | undefined;
  readonly discardNoUnref?: boolean | undefined;
}

export type CacheMode = 'default' | 'none' | 'writethrough' | 'writeback' | 'directsync' | 'unsafe';

/** QEMU's cache options of a block node by libvirt's cache mode (QAPI: `BlockdevCacheOptions`); `writeback` is the device's. */
const CACHE = {
  none: { direct: true, 'no-flush': false, writeback: true },
  writethrough: { direct: false, 'no-flush': false, writeback: false },
  writeback: { direct: false, 'no-flush': false, writeback: true },
  directsync: { direct: true, 'no-flush': false, writeback: false },
  unsafe: { direct: false, 'no-flush': true, writeback: true },
} as const;

/** The block nodes' part of a cache mode. */
export function nodeCache(mode: CacheMode | undefined) {
  if (mode === undefined || mode === 'default') return undefined;
  const { direct, 'no-flush': noFlush } = CACHE[mode];
  return { direct, 'no-flush': noFlush };
}

/** The device's part: its property `write-cache`. */
export function writeCache(mode: CacheMode | undefined): 'on' | 'off' | undefined {
  if (mode === undefined || mode === 'default') return undefined;
  return CACHE[mode].writeback ? 'on' : 'off';
}
