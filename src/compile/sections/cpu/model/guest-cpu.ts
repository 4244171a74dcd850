import { whereIs } from '../../../../xml/index.ts';
import type { EmitContext } from '../../../context.ts';
import { cpuErrors } from '../errors.ts';
import type { Cpu, CpuFeature } from '../schema.ts';
import { checkCpu } from './check.ts';
import type { FeatureSet } from './feature-set.ts';
import { type CpuWorld, cpuWorld, isKnownToQemu } from './host.ts';
import { type CpuModel, isWholeModel } from './models.ts';
import { type NamedCpu, nearestModel, unavailable } from './nearest.ts';

/** A CPU in QEMU's words: the model, and its properties that are switched. */
export interface QemuCpu {
  readonly model: string;
  readonly features: ReadonlyMap<string, boolean>;
}

/** The guest's CPU for QEMU. What cannot be had here is reported. */
export function guestCpu(cpu: Cpu, cx: EmitContext): QemuCpu {
  const isKvm = cx.domain.type === 'kvm';
  const world = needsTables(cpu, isKvm, cx) ? cpuWorld(cx, isKvm) : undefined;
  switch (cpu.mode) {
    case 'host-passthrough':
      if (!isKvm || cx.env.caps.accel.kvm === undefined)
        cx.report.add(cpuErrors['passthrough-without-kvm'], { mode: cpu.mode }, whereIs(cpu, '@mode'));
      return { model: 'host', features: written(cpu, world, cx) };
    case 'maximum':
      return { model: 'max', features: written(cpu, world, cx) };
    default: {
      const name = cpu.model?.name;
      if (world !== undefined) checkCpu(cpu, name, world, cx);
      if (name === undefined || cpu.mode === 'host-model' || cpu.match === 'minimum')
        return hostModel(cpu, world, cx);
      return customModel(cpu, name, world, cx);
    }
  }
}

/** Models that are no CPU of their own: each has a mode. */
const MODELS_OF_MODES: ReadonlySet<string> = new Set(['host', 'max', 'base']);

/** A model that QEMU has as libvirt knows it, without features and checks, needs no table: so it is with most domains. */
function needsTables(cpu: Cpu, isKvm: boolean, { env }: EmitContext): boolean {
  if (cpu.mode === 'host-model' || cpu.feature.length > 0) return true;
  const name = cpu.model?.name;
  if (name === undefined) return false;
  const accel = isKvm ? env.caps.accel.kvm : env.caps.accel.tcg;
  const isQemus = accel?.cpus.some((c) => c.name === name) === true && !MODELS_OF_MODES.has(name);
  return !isQemus || !isWholeModel(name) || cpu.check === 'partial' || cpu.match === 'minimum';
}

/** The named model nearest to the host, with what the host has besides and has not, then what is written. */
function hostModel(cpu: Cpu, world: CpuWorld | undefined, cx: EmitContext): QemuCpu {
  const named = world && hostsNamedCpu(world);
  if (world === undefined || named === undefined) {
    cx.report.add(cpuErrors['unknown-host'], { mode: cpu.mode }, whereIs(cpu, '@mode'));
    return { model: 'qemu64', features: new Map() };
  }
  const { model } = named;
  const removed = model.removed & ~world.host.features;
  return {
    model: model.name,
    features: new Map([
      ...switches(named, world),
      ...switchedOff(removed, world),
      ...written(cpu, world, cx),
    ]),
  };
}

function hostsNamedCpu(world: CpuWorld): NamedCpu | undefined {
  const { features, vendor, signature, named } = world.host;
  if (named === undefined) return nearestModel(features, vendor, signature, world);
  return { ...named, off: unavailable(named.model, world) & ~features };
}

function switches({ on, off }: NamedCpu, { table }: CpuWorld): Iterable<readonly [string, boolean]> {
  return [
    ...table.listOf(on).map((f) => [f.property, true] as const),
    ...table.listOf(off).map((f) => [f.property, false] as const),
  ];
}

function switchedOff(features: FeatureSet, { table }: CpuWorld): Iterable<readonly [string, boolean]> {
  return table.listOf(features).map((f) => [f.property, false] as const);
}

/** A named model; one that this QEMU does not have falls back to the nearest that it has, unless that is forbidden. */
function customModel(cpu: Cpu, name: string, world: CpuWorld | undefined, cx: EmitContext): QemuCpu {
  const model = world?.models.find((m) => m.name === name);
  if (world === undefined || model === undefined) return { model: name, features: new Map() };
  if (world.accel.cpus.some((c) => c.name === name))
    return {
      model: name,
      features: new Map([...withoutRemoved(model, world, cx), ...written(cpu, world, cx)]),
    };
  const nearest = cpu.model?.fallback === 'forbid' ? undefined : fallback(model, world);
  if (nearest === undefined)
    cx.report.add(cpuErrors['unavailable-model'], { model: name }, whereIs(cpu, 'model'));
  if (nearest === undefined) return { model: name, features: new Map() };
  return {
    model: nearest.model.name,
    features: new Map([
      ...withoutRemoved(model, world, cx),
      ...withoutRemoved(nearest.model, world, cx),
      ...whatQemuKnows(nearest, world, cpu, cx),
      ...written(cpu, world, cx),
    ]),
  };
}

/** What must be switched, as far as this QEMU has a switch for it; what the guest then lacks is told. */
function whatQemuKnows(nearest: NamedCpu, world: CpuWorld, cpu: Cpu, cx: EmitContext) {
  return [...switches(nearest, world)].filter(([feature, isOn]) => {
    const isKnown = isKnownToQemu(feature, cx.env.caps);
    if (!isKnown && isOn) cx.report.add(cpuErrors['feature-ignored'], { feature }, whereIs(cpu, 'model'));
    return isKnown;
  });
}

/** QEMU's model may still have what the model of that name has no more. */
function withoutRemoved({ removed }: CpuModel, { table }: CpuWorld, cx: EmitContext): Map<string, boolean> {
  const properties = table.listOf(removed).map((f) => f.property);
  return new Map(properties.filter((p) => isKnownToQemu(p, cx.env.caps)).map((p) => [p, false]));
}

function fallback({ base, vendor }: CpuModel, world: CpuWorld): NamedCpu | undefined {
  return nearestModel(base, vendor, undefined, world);
}

/** What the guest's system sets itself, or what only the host can use: no CPU of QEMU's has a switch for it. */
const NEVER_SWITCHED: ReadonlySet<string> = new Set(['cmt', 'mbm_total', 'mbm_local', 'osxsave', 'ospke']);

/** What `<feature>` says: `optional` is what the host makes of it, and a CPU that is the host's has it then anyway. */
function written(cpu: Cpu, world: CpuWorld | undefined, cx: EmitContext): ReadonlyMap<string, boolean> {
  const features = new Map<string, boolean>();
  if (world === undefined) return features;
  const isHosts = cpu.mode === 'host-passthrough' || cpu.mode === 'maximum';
  for (const feature of cpu.feature) {
    const { name } = feature;
    const known = world.table.find(name);
    if (known === undefined) {
      const names = world.table.all.map((f) => f.name);
      cx.report.add(cpuErrors['unknown-feature'], { feature: name, known: names }, whereIs(feature, '@name'));
    } else if (!isHosts || feature.policy !== 'optional') {
      const isWanted = isOn(feature, (world.host.features & known.bit) !== 0n);
      if (isKnownToQemu(known.property, cx.env.caps)) features.set(known.property, isWanted);
      else if (isWanted && !NEVER_SWITCHED.has(name)) {
        cx.report.add(cpuErrors['feature-unavailable'], { feature: name }, whereIs(feature, '@name'));
        features.set(known.property, true);
      } else cx.report.add(cpuErrors['feature-ignored'], { feature: name }, whereIs(feature, '@name'));
    }
  }
  return features;
}

function isOn({ policy }: CpuFeature, hostHasIt: boolean): boolean {
  if (policy === 'optional') return hostHasIt;
  return policy !== 'disable' && policy !== 'forbid';
}
