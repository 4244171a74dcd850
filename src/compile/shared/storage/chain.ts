import { type Sourced, xmlErrors } from '../../../xml/index.ts';
import {
  attribute,
  bigInteger,
  child,
  type ElementSchema,
  element,
  required,
  text,
} from '../../../xml/schema/index.ts';
import { outputOnlyAttribute } from '../output-only.ts';
import { unit, unitBytes } from '../size.ts';
import { type StorageSource, storageSourceSchema } from './source.ts';
import { type StorageFormat, type StorageType, storageFormat, storageType } from './types.ts';

/** The cache for a format's metadata; bytes. */
export interface MetadataCache extends Sourced {
  readonly max_size?: number | undefined;
}

const written = element(() => ({
  max_size: child(element(() => ({ unit: attribute(unit), amount: text(bigInteger()) }))),
}));

/** `<metadata_cache><max_size unit='KiB'>…</max_size></metadata_cache>`, read into bytes; bytes if no unit is written. */
export const metadataCacheSchema: ElementSchema<MetadataCache> = {
  read: (xml, reader) => {
    const { max_size: size, ...rest } = written.read(xml, reader);
    const bytes = (size?.amount ?? 0n) * (unitBytes(size?.unit ?? 'bytes') ?? 1n);
    if (bytes > BigInt(Number.MAX_SAFE_INTEGER))
      reader.report(
        xmlErrors['invalid-value'],
        { value: String(size?.amount), subject: '<max_size>', expected: 'fewer bytes' },
        xml.where(),
      );
    return { ...rest, ...(bytes > 0n && { max_size: Number(bytes) }) };
  },
  write: ({ max_size }, name) =>
    written.write(
      max_size === undefined ? {} : { max_size: { unit: 'bytes', amount: BigInt(max_size) } },
      name,
    ),
  shapes: written.shapes,
};

const formatSchema = element(() => ({
  type: required(attribute(storageFormat)),
  metadata_cache: child(metadataCacheSchema),
}));

/** External data file of a qcow2 image. */
export interface DataStore extends Sourced {
  readonly type?: StorageType | undefined;
  readonly format?: { readonly type: StorageFormat; readonly metadata_cache?: MetadataCache } | undefined;
  readonly source?: StorageSource | undefined;
}

export const dataStoreSchema: ElementSchema<DataStore> = element(() => ({
  type: required(attribute(storageType)),
  format: required(child(formatSchema)),
  source: required(child(() => storageSourceSchema)),
})) as ElementSchema<DataStore>;

/** The image that another one is based on. One without a type ends the chain. */
export interface BackingStore extends DataStore {
  readonly backingStore?: BackingStore | undefined;
}

export const backingStoreSchema: ElementSchema<BackingStore> = element(() => ({
  type: attribute(storageType),
  index: outputOnlyAttribute(),
  format: child(formatSchema),
  source: child(() => storageSourceSchema),
  backingStore: child(() => backingStoreSchema, { keepEmpty: true }),
})) as ElementSchema<BackingStore>;
