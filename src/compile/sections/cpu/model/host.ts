import { type AccelCaps, type CpuProps, hasProperty, type QemuCaps } from '../../../../plan/index.ts';
import type { Context } from '../../../context.ts';
import { type FeatureSet, type FeatureTable, featureTable } from './feature-set.ts';
import { allModels, type CpuModel } from './models.ts';

/** The CPU that a guest of one accelerator can have here at most. */
interface HostCpu {
  readonly vendor: string | undefined;
  /** `family:model`; undefined where no named model is nearer for it. */
  readonly signature: string | undefined;
  /** The model that is known to be the host's, and what it has besides; otherwise both are to be found. */
  readonly named: { readonly model: CpuModel; readonly on: FeatureSet } | undefined;
  readonly features: FeatureSet;
  /** What the host has though QEMU need not offer it: enough for a check before the start. */
  readonly known: FeatureSet;
}

/** The tables and the host, as far as one domain's CPU needs them. */
export interface CpuWorld {
  readonly table: FeatureTable;
  readonly models: readonly CpuModel[];
  readonly accel: AccelCaps;
  readonly host: HostCpu;
}

const VENDORS: Readonly<Record<string, string>> = {
  GenuineIntel: 'Intel',
  AuthenticAMD: 'AMD',
  HygonGenuine: 'Hygon',
};

/** Gathers what decides a CPU model; undefined if QEMU said nothing of the CPUs that it can offer. */
export function cpuWorld(cx: Context, isKvm: boolean): CpuWorld | undefined {
  const { caps } = cx.env;
  const accel = isKvm ? caps.accel.kvm : caps.accel.tcg;
  if (accel?.hostCpu === undefined) return undefined;
  const table = featureTable();
  const models = allModels();
  const offered = offeredCpu(accel.hostCpu.migratable, table, isKvm ? cx.env.facts.cpu.features : []);
  return { table, models, accel, host: (isKvm && recordedCpu(table, models, cx)) || offered };
}

/** The CPU that QEMU itself says it can offer: `host` under KVM, `max` under TCG. */
function offeredCpu(props: CpuProps, table: FeatureTable, hostFeatures: readonly string[]): HostCpu {
  const features = table.setOf((f) => props[f.property] === true);
  const ofHost = new Set(hostFeatures);
  return {
    vendor: VENDORS[String(props.vendor)],
    signature: `${props.family}:${props.model}`,
    named: undefined,
    features,
    known: features | table.setOf((f) => ofHost.has(f.name)),
  };
}

/**
 * The CPU of the facts, where it is a named model: facts that were recorded so describe another host than the one that
 * QEMU was asked on. One without XSAVE is older than anything that such a QEMU runs on, so QEMU's answer stands.
 */
function recordedCpu(table: FeatureTable, models: readonly CpuModel[], cx: Context): HostCpu | undefined {
  const { cpu } = cx.env.facts;
  const model = models.find((m) => m.name === cpu.model);
  if (model === undefined || (model.features & (table.find('xsave')?.bit ?? 0n)) === 0n) return undefined;
  const beyond = new Set(cpu.features);
  const listed = table.setOf((f) => beyond.has(f.name));
  const all = model.base | listed;
  const usable = table.setOf((f) => f.isMigratable && isKnownToQemu(f.property, cx.env.caps));
  const named = { model, on: listed & usable };
  return { vendor: cpu.vendor, signature: undefined, named, features: all & usable, known: all };
}

/** Whether QEMU's CPUs have the property: `osxsave` and `ospke`, which the guest's system sets, are none. */
export function isKnownToQemu(property: string, caps: QemuCaps): boolean {
  return hasProperty(caps, 'max-x86_64-cpu', property);
}
