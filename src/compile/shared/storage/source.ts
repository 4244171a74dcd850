import { SOURCE, type Sourced } from '../../../xml/index.ts';
import {
  attribute,
  child,
  type ElementSchema,
  element,
  integer,
  oneOf,
  type Read,
  required,
  type Shape,
  string,
  yesNo,
} from '../../../xml/schema/index.ts';
import { outputOnlyAttribute, outputOnlyChild } from '../output-only.ts';
import { pciFunctionSchema } from '../pci-function.ts';
import { sourceSeclabels } from '../source-seclabel.ts';
import { dataStoreSchema } from './chain.ts';
import { networkSourceSchema } from './network-source.ts';
import { authSchema, encryptionSchema, reconnectSchema, reservationsSchema, slicesSchema } from './parts.ts';
import { type StorageType, storageType } from './types.ts';

const path = string({ samples: ['/path/to/image'] });
const startupPolicy = attribute(oneOf('mandatory', 'requisite', 'optional'));

/** What every kind of source can hold, in the order in which it prints: after the kind's own children. */
const common = {
  slices: child(slicesSchema),
  seclabel: sourceSeclabels,
  encryption: child(encryptionSchema),
  reservations: child(reservationsSchema),
  dataStore: child(() => dataStoreSchema),
  privateData: outputOnlyChild(),
} as const;

const SOURCES = {
  file: element(() => ({
    file: attribute(path),
    fdgroup: attribute(string({ nonEmpty: true })),
    startupPolicy,
    index: outputOnlyAttribute(),
    ...common,
  })),
  block: element(() => ({ dev: attribute(path), startupPolicy, index: outputOnlyAttribute(), ...common })),
  dir: element(() => ({ dir: attribute(path), startupPolicy, index: outputOnlyAttribute(), ...common })),
  network: networkSourceSchema,
  volume: element(() => ({
    pool: attribute(string({ nonEmpty: true })),
    volume: attribute(string({ nonEmpty: true })),
    mode: attribute(oneOf('host', 'direct')),
    startupPolicy,
    index: outputOnlyAttribute(),
    ...common,
    auth: child(authSchema),
  })),
  nvme: element(() => ({
    type: required(attribute(oneOf('pci'))),
    managed: attribute(yesNo),
    namespace: required(attribute(integer({ min: 1 }))),
    startupPolicy,
    index: outputOnlyAttribute(),
    address: required(child(pciFunctionSchema)),
    ...common,
  })),
  vhostuser: element(() => ({
    type: required(attribute(oneOf('unix'))),
    path: required(attribute(path)),
    index: outputOnlyAttribute(),
    reconnect: child(reconnectSchema),
    slices: child(slicesSchema),
  })),
  vhostvdpa: element(() => ({ dev: required(attribute(path)), index: outputOnlyAttribute() })),
} as const;

type Sources = typeof SOURCES;

/** A storage source by the kind that its parent's `type` attribute names. */
export type StorageSource = {
  [K in StorageType]: { readonly kind: K } & Read<Sources[K]>;
}[StorageType];
export type SourceOf<K extends StorageType> = Extract<StorageSource, { readonly kind: K }>;

/** `<source>`: its shape follows the parent's `type`, `file` if there is none. */
export const storageSourceSchema: ElementSchema<StorageSource & Sourced> = {
  read: (xml, reader) => {
    const type = storageType.read(xml.parent?.attributes.type ?? 'file');
    // A type that is none is reported where the parent's attribute is read.
    if (type === undefined) return { kind: 'file', seclabel: [], [SOURCE]: xml };
    return { kind: type, ...SOURCES[type].read(xml, reader) } as StorageSource;
  },
  write: (value, name) => (SOURCES[value.kind] as unknown as ElementSchema<StorageSource>).write(value, name),
  shapes: () =>
    Object.entries(SOURCES).flatMap(([value, schema]) =>
      schema.shapes().map((shape): Shape => ({ ...shape, when: { attribute: '../type', value } })),
    ),
};
