import { whereIs } from '../../../../xml/index.ts';
import type { EmitContext } from '../../../context.ts';
import { cpuErrors } from '../errors.ts';
import type { Cpu } from '../schema.ts';
import type { Feature, FeatureSet } from './feature-set.ts';
import type { CpuWorld } from './host.ts';
import type { CpuModel } from './models.ts';
import { unavailable } from './nearest.ts';

/**
 * What can be told before the start (format: `check`): the model exists, and with `check='partial'` the host has all of
 * it. QEMU checks no more with `check='full'` before it runs than with `none`. Without a name the model is the host's
 * own: what is written besides it is checked. Of models that stand for one version of QEMU's, QEMU itself says what
 * they lack here, and nothing but that is asked.
 */
export function checkCpu(cpu: Cpu, name: string | undefined, world: CpuWorld, cx: EmitContext): void {
  const model = world.models.find((m) => m.name === name);
  if (name !== undefined && model === undefined) {
    const known = world.models.map((m) => m.name);
    cx.report.add(cpuErrors['unknown-model'], { model: name, known }, whereIs(cpu, 'model'));
    return;
  }
  if (cpu.check !== 'partial' || (model !== undefined && isTakenAsItIs(cpu, model, world))) return;
  const { host, table } = world;
  const isAskedOfQemu =
    model?.checkedByFeatures === false && world.accel.cpus.some((known) => known.name === name);
  if (!isAskedOfQemu && cpu.vendor !== undefined && cpu.vendor !== host.vendor)
    cx.report.add(cpuErrors['other-vendor'], { vendor: cpu.vendor }, whereIs(cpu, 'vendor'));
  const bits = (...policies: readonly string[]): FeatureSet =>
    cpu.feature
      .filter((f) => policies.includes(f.policy ?? 'require'))
      .reduce((set, f) => set | (table.find(f.name)?.bit ?? 0n), 0n);
  const tell = (rule: 'missing-features' | 'forbidden-features' | 'extra-features', set: FeatureSet) => {
    const names = table.listOf(set).map((f: Feature) => f.name);
    if (names.length > 0)
      cx.report.add(cpuErrors[rule], { model: name ?? cpu.mode, features: names }, whereIs(cpu));
  };
  if (isAskedOfQemu) {
    const lacking = unavailable(model, world) & ~bits('disable');
    tell('missing-features', lacking | (bits('require') & ~(host.known | host.features)));
    return;
  }
  const base = model?.base ?? 0n;
  const waived = bits('force', 'optional', 'disable');
  const has = host.known | host.features;
  tell('forbidden-features', bits('forbid') & has);
  tell('missing-features', ((base & ~waived) | bits('require')) & ~has);
  if (cpu.match === 'strict' && model !== undefined)
    tell('extra-features', host.features & ~base & ~waived & ~bits('require', 'forbid'));
}

/** QEMU says that it can run the model here, and nothing but less than that is asked for. */
function isTakenAsItIs({ feature }: Cpu, { name }: CpuModel, { accel }: CpuWorld): boolean {
  const qemus = accel.cpus.find((cpu) => cpu.name === name);
  return qemus?.unavailableFeatures?.length === 0 && feature.every(({ policy }) => policy === 'disable');
}
