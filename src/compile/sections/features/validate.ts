import { once } from '../../../lazy/index.ts';
import { findMachine, hasOption, hasProperty, hasType } from '../../../plan/index.ts';
import { SOURCE, type Sourced, whereIs } from '../../../xml/index.ts';
import type { Shape } from '../../../xml/schema/index.ts';
import type { ValidateContext } from '../../context.ts';
import { isQ35, machineOf } from '../../shared/machine.ts';
import { featureErrors } from './errors.ts';
import {
  type FeatureName,
  type Features,
  featuresSchema,
  type Hyperv,
  hypervSchema,
  kvmSchema,
} from './schema.ts';

/** Features that only machines of other architectures have. */
const OTHER_ARCHITECTURES: readonly FeatureName[] = [
  'gic',
  'hpt',
  'htm',
  'nested-hv',
  'ccf-assist',
  'cfpc',
  'sbbc',
  'ibs',
  'ras',
  'aia',
];

const namesOf = (schema: { readonly shapes: () => readonly Shape[] }) =>
  once((): ReadonlySet<string> => new Set(schema.shapes().flatMap(({ fields }) => Object.keys(fields))));

const knownFeatures = namesOf(featuresSchema);
const hypervFeatures = namesOf(hypervSchema);
const kvmFeatures = namesOf(kvmSchema);

/** Features that libvirt's QEMU driver reads and does nothing with: they are Xen's, LXC's or bhyve's. */
const OTHER_HYPERVISORS: readonly FeatureName[] = ['viridian', 'privnet', 'capabilities', 'msrs', 'xen'];

/** Features that are bound to one switch of QEMU's machine. */
const MACHINE_PROPERTY = { vmport: 'vmport', ps2: 'i8042', smm: 'smm' } as const;

/** Reports every feature that this machine, this accelerator or this QEMU cannot give. */
export function validateFeatures(features: Features | undefined, cx: ValidateContext): void {
  if (features === undefined) return;
  refuseUnknown(features, cx);
  refuseForeign(features, cx);
  requireMachineSwitches(features, cx);
  requireAccelerator(features, cx);
  checkTseg(features, cx);
  checkDirtyRing(features, cx);
  if (features.hyperv !== undefined) checkHyperv(features.hyperv, cx);
}

/** An unknown feature is no feature that may be left out: what the guest is made of would be another. */
function refuseUnknown(features: Features, cx: ValidateContext): void {
  refuseUnknownChildren(features, knownFeatures(), cx);
  if (features.kvm !== undefined) refuseUnknownChildren(features.kvm, kvmFeatures(), cx);
}

function refuseUnknownChildren(parent: Sourced, known: ReadonlySet<string>, cx: ValidateContext): void {
  for (const child of parent[SOURCE]?.children ?? [])
    if (!known.has(child.name))
      cx.report.add(featureErrors['unknown-feature'], { feature: child.name, known }, child.where());
}

function refuseForeign(features: Features, cx: ValidateContext): void {
  const machine = machineOf(cx.domain);
  for (const feature of OTHER_ARCHITECTURES)
    if (features[feature] !== undefined)
      cx.report.add(featureErrors['other-architecture'], { feature, machine }, whereIs(features, feature));
  for (const feature of OTHER_HYPERVISORS)
    if (features[feature] !== undefined)
      cx.report.add(featureErrors['other-hypervisor'], { feature }, whereIs(features, feature));
  if (features.hap !== undefined)
    cx.report.add(featureErrors['no-effect'], { feature: 'hap' }, whereIs(features, 'hap'));
}

function requireMachineSwitches(features: Features, cx: ValidateContext): void {
  const { caps } = cx.env;
  for (const [feature, property] of Object.entries(MACHINE_PROPERTY) as ['vmport' | 'ps2' | 'smm', string][])
    if (features[feature] !== undefined && !hasProperty(caps, 'generic-pc-machine', property))
      cx.report.add(featureErrors['qemu-lacks-feature'], { feature }, whereIs(features, feature));
  if (features.vmport !== undefined && features.vmport.state !== false && features.ps2?.state === false)
    cx.report.add(featureErrors['vmport-without-ps2'], undefined, whereIs(features, 'vmport'));
  if (isAsked(features['async-teardown']) && !hasOption(caps, 'run-with', 'async-teardown'))
    cx.report.add(
      featureErrors['qemu-lacks-feature'],
      { feature: 'async-teardown' },
      whereIs(features, 'async-teardown'),
    );
  if (
    features.vmcoreinfo !== undefined &&
    features.vmcoreinfo.state !== false &&
    !hasType(caps, 'vmcoreinfo')
  )
    cx.report.add(
      featureErrors['qemu-lacks-feature'],
      { feature: 'vmcoreinfo' },
      whereIs(features, 'vmcoreinfo'),
    );
}

/** Without it nothing is torn down asynchronously: every QEMU can do that. */
function isAsked(feature: Features['async-teardown']): boolean {
  return feature !== undefined && feature.enabled !== false;
}

function requireAccelerator(features: Features, cx: ValidateContext): void {
  const { type } = cx.domain;
  if (type === 'kvm') {
    if (features.tcg?.['tb-cache'] !== undefined)
      cx.report.add(featureErrors['needs-tcg'], { type }, whereIs(features, 'tcg'));
    return;
  }
  const cache = features.tcg?.['tb-cache'];
  if (cache !== undefined && cache.sizeKiB % 1024 !== 0)
    cx.report.add(
      featureErrors['tb-cache-not-in-mib'],
      { sizeKiB: cache.sizeKiB },
      whereIs(features, 'tcg', 'tb-cache'),
    );
  if (features.kvm?.['dirty-ring']?.state)
    cx.report.add(
      featureErrors['needs-kvm'],
      { feature: 'dirty-ring', type },
      whereIs(features, 'kvm', 'dirty-ring'),
    );
}

function checkTseg({ smm }: Features, cx: ValidateContext): void {
  if (smm?.tseg === undefined) return;
  const where = whereIs(smm, 'tseg');
  if (!isQ35(cx.domain))
    cx.report.add(
      featureErrors['machine-lacks-feature'],
      { feature: 'tseg', machine: machineOf(cx.domain) },
      where,
    );
  const { sizeBytes } = smm.tseg;
  if (sizeBytes % (1024n * 1024n) !== 0n)
    cx.report.add(featureErrors['tseg-not-in-mib'], { sizeBytes }, where);
}

function checkDirtyRing({ kvm }: Features, cx: ValidateContext): void {
  const ring = kvm?.['dirty-ring'];
  if (ring?.state !== true) return;
  const { size = 0 } = ring;
  const isPowerOfTwo = size > 0 && (size & (size - 1)) === 0;
  if (!isPowerOfTwo || size < 1024 || size > 65536)
    cx.report.add(featureErrors['dirty-ring-size'], { size }, whereIs(ring as Sourced, '@size'));
}

function checkHyperv(hyperv: Hyperv, cx: ValidateContext): void {
  if (hyperv.mode === 'passthrough') {
    for (const { name } of hyperv[SOURCE]?.children ?? [])
      cx.report.add(featureErrors['hyperv-ignored'], { enlightenment: name }, whereIs(hyperv, name));
    return;
  }
  refuseUnknownChildren(hyperv, hypervFeatures(), cx);
  checkSpinlocks(hyperv, cx);
  checkVendorId(hyperv, cx);
}

function checkSpinlocks({ spinlocks }: Hyperv, cx: ValidateContext): void {
  if (spinlocks?.state !== true) return;
  const { retries } = spinlocks;
  const where = whereIs(spinlocks, '@retries');
  if (retries === undefined)
    cx.report.add(featureErrors['missing-value'], { feature: 'spinlocks', attribute: 'retries' }, where);
  else if (retries < 4095) cx.report.add(featureErrors['spinlock-retries'], { retries }, where);
}

/** Twelve characters are what CPUID has room for. */
function checkVendorId({ vendor_id }: Hyperv, cx: ValidateContext): void {
  if (vendor_id?.state !== true) return;
  const { value } = vendor_id;
  const where = whereIs(vendor_id, '@value');
  if (value === undefined)
    cx.report.add(featureErrors['missing-value'], { feature: 'vendor_id', attribute: 'value' }, where);
  else if (value.length > 12 || value.includes(','))
    cx.report.add(featureErrors['bad-vendor-id'], { value }, where);
}

/** Whether QEMU's machine takes the `acpi` property; before QEMU 8.0 `-no-acpi` says it. */
export function knowsAcpi(cx: ValidateContext): boolean {
  const accel = cx.domain.type === 'kvm' ? 'kvm' : 'tcg';
  return findMachine(cx.env.caps, accel, machineOf(cx.domain))?.acpi !== undefined;
}
