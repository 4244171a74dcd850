import { type Sourced, verbatim, xmlErrors } from '../../../xml/index.ts';
import {
  attribute,
  bigInteger,
  child,
  childAttribute,
  type ElementSchema,
  element,
  flag,
  integer,
  oneOf,
  onOff,
  type Read,
  raw,
  required,
  string,
  text,
  yesNo,
} from '../../../xml/schema/index.ts';
import { size, unit, unitBytes } from '../../shared/size.ts';

/** Format: "Hypervisor features". */

/** An element that is on unless it says otherwise: `<pmu/>`, `<pmu state='off'/>`. */
const switchSchema = element(() => ({ state: attribute(onOff) }));
export type Switch = Read<typeof switchSchema>;
const onOffSwitch = () => child(switchSchema, { keepEmpty: true });

/** An enlightenment must say which way it is. */
const stateSchema = element(() => ({ state: required(attribute(onOff)) }));
const enlightenment = () => child(stateSchema);

export const hypervSchema = element(() => ({
  mode: attribute(oneOf('custom', 'passthrough')),
  relaxed: enlightenment(),
  vapic: enlightenment(),
  spinlocks: child(element(() => ({ state: required(attribute(onOff)), retries: attribute(integer()) }))),
  vpindex: enlightenment(),
  runtime: enlightenment(),
  synic: enlightenment(),
  stimer: child(element(() => ({ state: required(attribute(onOff)), direct: enlightenment() }))),
  reset: enlightenment(),
  vendor_id: child(
    element(() => ({ state: required(attribute(onOff)), value: attribute(string({ samples: ['KVM Hv'] })) })),
  ),
  frequencies: enlightenment(),
  reenlightenment: enlightenment(),
  tlbflush: child(
    element(() => ({
      state: required(attribute(onOff)),
      direct: enlightenment(),
      extended: enlightenment(),
    })),
  ),
  ipi: enlightenment(),
  evmcs: enlightenment(),
  avic: enlightenment(),
  emsr_bitmap: enlightenment(),
  xmm_input: enlightenment(),
}));
export type Hyperv = Read<typeof hypervSchema>;

export const kvmSchema = element(() => ({
  hidden: enlightenment(),
  'hint-dedicated': enlightenment(),
  'poll-control': enlightenment(),
  'pv-ipi': enlightenment(),
  'dirty-ring': child(
    element(() => ({ state: required(attribute(onOff)), size: attribute(integer({ samples: [4096] })) })),
  ),
}));
export type KvmFeatures = Read<typeof kvmSchema>;

const xenSchema = element(() => ({
  e820_host: enlightenment(),
  passthrough: child(
    element(() => ({ state: required(attribute(onOff)), mode: attribute(oneOf('sync_pt', 'share_pt')) })),
  ),
}));

export interface Tseg extends Sourced {
  readonly sizeBytes: bigint;
}

const writtenTseg = element(() => ({ unit: attribute(unit), amount: text(bigInteger()) }));

/** `<tseg>`: MiB unless a unit is written; printed in the largest unit that divides it. */
const tsegSchema: ElementSchema<Tseg> = {
  read: (xml, reader) => {
    const { amount, unit: name } = writtenTseg.read(xml, reader);
    if (amount === undefined)
      reader.report(
        xmlErrors['invalid-value'],
        { value: xml.text.trim(), subject: '<tseg>', expected: 'a size' },
        xml.where(),
      );
    return { sizeBytes: (amount ?? 0n) * (unitBytes(name ?? 'MiB') ?? 1n) };
  },
  write: ({ sizeBytes }, name) => writtenTseg.write(largestUnit(sizeBytes), name),
  shapes: writtenTseg.shapes,
};

function largestUnit(sizeBytes: bigint): { unit: string; amount: bigint } {
  for (const name of ['EiB', 'PiB', 'TiB', 'GiB', 'MiB', 'KiB']) {
    const scale = unitBytes(name) ?? 1n;
    if (sizeBytes > 0n && sizeBytes % scale === 0n) return { unit: name, amount: sizeBytes / scale };
  }
  return { unit: 'B', amount: sizeBytes };
}

export const featuresSchema = element(() => ({
  acpi: flag(),
  apic: child(
    element(() => ({ eoi: attribute(onOff) })),
    { keepEmpty: true },
  ),
  pae: flag(),
  hap: onOffSwitch(),
  viridian: flag(),
  privnet: flag(),
  hyperv: child(hypervSchema, { keepEmpty: true }),
  kvm: child(kvmSchema, { keepEmpty: true }),
  pvspinlock: onOffSwitch(),
  pmu: onOffSwitch(),
  vmport: onOffSwitch(),
  smm: child(
    element(() => ({ state: attribute(onOff), tseg: child(tsegSchema) })),
    { keepEmpty: true },
  ),
  capabilities: raw(verbatim),
  ioapic: childAttribute('driver', oneOf('kvm', 'qemu')),
  vmcoreinfo: onOffSwitch(),
  msrs: child(element(() => ({ unknown: required(attribute(oneOf('ignore', 'fault'))) }))),
  xen: child(xenSchema, { keepEmpty: true }),
  tcg: child(element(() => ({ 'tb-cache': size() }))),
  'async-teardown': child(
    element(() => ({ enabled: attribute(yesNo) })),
    { keepEmpty: true },
  ),
  ps2: child(element(() => ({ state: required(attribute(onOff)) }))),
  // Features of other architectures: read, so that their refusal says why.
  gic: child(
    element(() => ({ version: attribute(oneOf('host', '2', '3')) })),
    { keepEmpty: true },
  ),
  hpt: child(
    element(() => ({ resizing: attribute(oneOf('enabled', 'disabled', 'required')), maxpagesize: size() })),
    { keepEmpty: true },
  ),
  htm: onOffSwitch(),
  'nested-hv': onOffSwitch(),
  'ccf-assist': onOffSwitch(),
  cfpc: childAttribute('value', oneOf('broken', 'workaround', 'fixed')),
  sbbc: childAttribute('value', oneOf('broken', 'workaround', 'fixed')),
  ibs: childAttribute('value', oneOf('broken', 'workaround', 'fixed-ibs', 'fixed-ccd', 'fixed-na')),
  ras: onOffSwitch(),
  aia: childAttribute('value', oneOf('none', 'aplic', 'aplic-imsic')),
}));

export type Features = Read<typeof featuresSchema>;
export type FeatureName = Exclude<keyof Features, symbol>;
