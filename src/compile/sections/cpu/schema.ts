import { type Sourced, xmlErrors } from '../../../xml/index.ts';
import {
  attribute,
  bigInteger,
  child,
  children,
  childText,
  type ElementSchema,
  element,
  integer,
  mixedChildren,
  oneOf,
  onOff,
  type Read,
  required,
  string,
  text,
  unless,
  yesNo,
} from '../../../xml/schema/index.ts';
import { numberSet } from '../../shared/number-set.ts';
import { MOST_KIB, toKiB, unit } from '../../shared/size.ts';

/** Format: "CPU model and topology". */

const modelSchema = element(() => ({
  fallback: attribute(oneOf('allow', 'forbid')),
  vendor_id: attribute(string()),
  name: text(string()),
}));

const positive = integer({ min: 1 });

const topologySchema = element(() => ({
  sockets: required(attribute(positive)),
  dies: attribute(positive),
  clusters: attribute(positive),
  cores: required(attribute(positive)),
  threads: required(attribute(positive)),
}));

const cacheMode = oneOf('emulate', 'passthrough', 'disable');

const cacheSchema = element(() => ({
  level: attribute(integer()),
  mode: required(attribute(cacheMode)),
}));

const maxphysaddrSchema = element(() => ({
  mode: required(attribute(oneOf('emulate', 'passthrough'))),
  bits: attribute(integer()),
  limit: attribute(integer({ min: 1 })),
}));

const featureSchema = element(() => ({
  policy: attribute(oneOf('force', 'require', 'optional', 'disable', 'forbid')),
  name: required(attribute(string({ nonEmpty: true }))),
}));

const distancesSchema = element(() => ({
  sibling: children(
    element(() => ({ id: required(attribute(integer())), value: required(attribute(integer())) })),
  ),
}));

const cacheAmountSchema = element(() => ({
  value: required(attribute(bigInteger())),
  unit: attribute(unit),
}));

const cellCacheSchema = element(() => ({
  level: required(attribute(integer({ min: 1, samples: [1, 2] }))),
  associativity: required(attribute(oneOf('none', 'direct', 'full'))),
  policy: required(attribute(oneOf('none', 'writeback', 'writethrough'))),
  size: required(child(cacheAmountSchema)),
  line: required(child(cacheAmountSchema)),
}));

const writtenCell = element(() => ({
  id: attribute(integer()),
  cpus: attribute(numberSet),
  memory: required(attribute(bigInteger())),
  unit: attribute(unit),
  memAccess: attribute(oneOf('shared', 'private')),
  discard: attribute(yesNo),
  distances: child(distancesSchema),
  cache: children(cellCacheSchema),
}));

/** A guest NUMA cell as it is read: its memory is KiB whatever unit it was written in. */
export type CellXml = Omit<Read<typeof writtenCell>, 'memory' | 'unit'> & { readonly sizeKiB: number };

const cellSchema: ElementSchema<CellXml> = {
  read: (xml, reader) => {
    const before = reader.errorCount;
    const { memory, unit: unitName, ...rest } = writtenCell.read(xml, reader);
    const sizeKiB = reader.errorCount > before ? 0 : toKiB(memory, unitName);
    if (sizeKiB === undefined)
      reader.report(
        xmlErrors['invalid-value'],
        { value: `${memory}`, subject: "attribute 'memory' of <cell>", expected: `at most ${MOST_KIB} KiB` },
        xml.where('memory'),
      );
    return { sizeKiB: sizeKiB ?? 0, ...rest };
  },
  write: ({ sizeKiB, ...rest }, name) =>
    writtenCell.write({ ...rest, memory: BigInt(sizeKiB), unit: 'KiB' }, name),
  shapes: writtenCell.shapes,
};

const accessType = oneOf('access', 'read', 'write');

const ends = {
  initiator: required(attribute(integer())),
  target: required(attribute(integer())),
  cache: unless(0, attribute(integer({ samples: [1] }))),
  type: required(attribute(accessType)),
} as const;

const latencySchema = element(() => ({ ...ends, value: required(attribute(bigInteger())) }));

const writtenBandwidth = element(() => ({
  ...ends,
  value: required(attribute(bigInteger())),
  unit: attribute(unit),
}));

/** A bandwidth in KiB/s whatever unit it was written in. */
type Bandwidth = Omit<Read<typeof writtenBandwidth>, 'value' | 'unit'> & { readonly valueKiB: number };

const bandwidthSchema: ElementSchema<Bandwidth> = {
  read: (xml, reader) => {
    const { value, unit: unitName, ...rest } = writtenBandwidth.read(xml, reader);
    return { ...rest, valueKiB: toKiB(value ?? 0n, unitName) ?? MOST_KIB };
  },
  write: ({ valueKiB, ...rest }, name) =>
    writtenBandwidth.write({ ...rest, value: BigInt(valueKiB), unit: 'KiB' }, name),
  shapes: writtenBandwidth.shapes,
};

const interconnectsSchema = element(() => ({
  link: mixedChildren({ latency: latencySchema, bandwidth: bandwidthSchema }),
}));

const numaSchema = element(() => ({
  cell: children(cellSchema),
  interconnects: child(interconnectsSchema),
}));

export const cpuSchema = element(() => ({
  mode: attribute(oneOf('custom', 'host-model', 'host-passthrough', 'maximum')),
  match: attribute(oneOf('minimum', 'exact', 'strict')),
  check: attribute(oneOf('none', 'partial', 'full')),
  migratable: attribute(onOff),
  deprecated_features: attribute(onOff),
  model: child(modelSchema),
  vendor: childText(string({ nonEmpty: true })),
  topology: child(topologySchema),
  cache: child(cacheSchema),
  maxphysaddr: child(maxphysaddrSchema),
  feature: children(featureSchema),
  numa: child(numaSchema),
}));

export type CpuXml = Read<typeof cpuSchema>;
export type CpuFeature = Read<typeof featureSchema>;
export type Interconnect = Read<typeof interconnectsSchema>['link'][number];
export type CellCache = Read<typeof cellCacheSchema>;
export type Cell = CellXml & { readonly id: number };

/** The CPU with what is implied: a mode always, a model wherever the mode names none itself. */
export interface Cpu extends CpuXml {
  readonly mode: NonNullable<CpuXml['mode']>;
  readonly numa?: Omit<NonNullable<CpuXml['numa']>, 'cell'> & { readonly cell: readonly Cell[] } & Sourced;
}
