import type { BackingStore, DataStore } from './chain.ts';
import type { Image, ImageSource } from './layer.ts';
import type { StorageAuth, StorageEncryption } from './parts.ts';
import type { StorageFormat } from './types.ts';

/** What a chain starts from: the image that a device uses. */
export interface TopImage {
  readonly source: ImageSource;
  readonly format: StorageFormat;
  readonly readonly: boolean;
  readonly isCdrom?: boolean;
  readonly isFloppy?: boolean;
  readonly auth?: StorageAuth | undefined;
  readonly encryption?: StorageEncryption | undefined;
  readonly metadataCache?: Image['metadataCache'];
}

/**
 * Gives every image of a chain its nodes' name. Numbers go up from the image that the device uses: the image, its data
 * file, then what it is based on.
 * @param next the number for the first image
 * @returns the chain, and the first number that is free
 */
export function numberChain(
  top: TopImage,
  backingStore: BackingStore | undefined,
  next: number,
): { readonly image: Image; readonly next: number } {
  const node = `libvirt-${next}`;
  const dataStore = dataStoreOf(top, next + 1);
  const after = dataStore === undefined ? next + 1 : next + 2;
  const image: Image = { node, dataStore, ...top };
  if (backingStore === undefined) return { image, next: after };
  const lower = imageOf(backingStore, true);
  if (lower === undefined) return { image: { backing: null, ...image }, next: after };
  const rest = numberChain(lower, backingStore.backingStore, after);
  return { image: { backing: rest.image, ...image }, next: rest.next };
}

function dataStoreOf(top: TopImage, number: number): Image | undefined {
  const { source } = top;
  const dataStore = 'dataStore' in source ? source.dataStore : undefined;
  const image = dataStore && imageOf(dataStore, top.readonly);
  return image && { node: `libvirt-${number}`, ...image };
}

/** The image of a backing store or data file; undefined for an element that only ends a chain. */
function imageOf(store: DataStore, readonly: boolean): TopImage | undefined {
  const { source } = store;
  if (source === undefined || source.kind === 'volume' || source.kind === 'vhostuser') return undefined;
  return {
    source,
    format: store.format?.type ?? 'raw',
    readonly,
    auth: 'auth' in source ? source.auth : undefined,
    encryption: 'encryption' in source ? source.encryption : undefined,
    metadataCache: store.format?.metadata_cache,
  };
}
