import { count, type FeatureSet } from './feature-set.ts';
import type { CpuWorld } from './host.ts';
import type { CpuModel } from './models.ts';

/** A model and what must be switched on and off to make a CPU of it. */
export interface NamedCpu {
  readonly model: CpuModel;
  readonly on: FeatureSet;
  readonly off: FeatureSet;
}

/** A feature that a model has too much counts as much as two that it lacks: a guest misses what it is promised. */
const WEIGHT_OF_OFF = 2;

/**
 * The model nearest to a set of features, among those of the vendor, if there is one, that this QEMU has; one whose family
 * and model are the CPU's own goes before all others. The first of equals is taken. What QEMU's model has and this QEMU
 * cannot offer is switched off, and counts. (Found by comparing with what libvirt 11.3 chooses.)
 */
export function nearestModel(
  features: FeatureSet,
  vendor: string | undefined,
  signature: string | undefined,
  world: CpuWorld,
): NamedCpu | undefined {
  let best: (NamedCpu & { readonly cost: number }) | undefined;
  for (const model of world.models) {
    if (!model.standsForHost || !world.accel.cpus.some((cpu) => cpu.name === model.name)) continue;
    if (vendor !== undefined && model.vendor !== undefined && model.vendor !== vendor) continue;
    const on = features & ~model.base;
    const off = (model.base & ~features) | (unavailable(model, world) & ~on);
    const isOwn = signature !== undefined && model.signatures.includes(signature);
    const cost = count(on) + WEIGHT_OF_OFF * count(off) - (isOwn ? 10_000 : 0);
    if (best === undefined || cost < best.cost) best = { model, on, off, cost };
  }
  return best;
}

/** What QEMU says that it cannot offer here of its own model of that name. */
export function unavailable({ name }: CpuModel, { accel, table }: CpuWorld): FeatureSet {
  const properties = new Set(accel.cpus.find((cpu) => cpu.name === name)?.unavailableFeatures);
  return properties.size === 0 ? 0n : table.setOf((f) => properties.has(f.property));
}
