import { whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { machineInfo } from '../../shared/machine-type.ts';
import { cpuErrors } from './errors.ts';
import { resolveNuma } from './numa/resolve.ts';
import type { Cpu, CpuXml } from './schema.ts';

/** Fills in the CPU: without a model QEMU's default for the machine, which keeps the guest's CPU the same everywhere. */
export function resolveCpu(value: CpuXml | undefined, cx: ResolveContext): Cpu {
  const cpu: CpuXml = value ?? { feature: [] };
  const { numa, topology, mode, match, check, migratable, model, vendor, ...rest } = cpu;
  const isHosts = mode === 'host-passthrough' || mode === 'maximum';
  return {
    ...rest,
    ...(vendor !== undefined && !isHosts && { vendor }),
    feature: cpu.feature.map((f) => ({ ...f, policy: f.policy ?? 'require' })),
    ...modeAndModel(cpu, cx),
    ...(topology && {
      topology: { ...topology, dies: topology.dies ?? 1, clusters: topology.clusters ?? 1 },
    }),
    ...resolveNuma(numa, cx),
  };
}

type Chosen = Pick<Cpu, 'mode' | 'match' | 'check' | 'migratable' | 'model'>;

function modeAndModel(cpu: CpuXml, cx: ResolveContext): Chosen {
  const { mode = 'custom', model } = cpu;
  const isKvm = cx.domain.type === 'kvm';
  if (model?.name === undefined) refuseWithoutModel(cpu, mode, cx);
  switch (mode) {
    case 'host-passthrough':
      return { mode, check: cpu.check ?? 'none', migratable: cpu.migratable ?? true };
    case 'maximum':
      return {
        mode,
        check: cpu.check ?? 'none',
        ...(cpu.migratable !== undefined && { migratable: cpu.migratable }),
      };
    case 'host-model':
      return { mode, check: cpu.check ?? 'partial', ...hostModelModel(model), ...migratableOf(cpu) };
    default: {
      if (model?.name === undefined) {
        const { vendor_id } = model ?? {};
        const chosen = {
          name: defaultModel(cx),
          fallback: 'forbid',
          ...(vendor_id !== undefined && { vendor_id }),
        } as const;
        return { mode, match: 'exact', check: 'none', model: chosen, ...migratableOf(cpu) };
      }
      const check = cpu.check ?? (isKvm ? 'partial' : 'none');
      const named = { ...model, fallback: model.fallback ?? 'allow' };
      return { mode, match: cpu.match ?? 'exact', check, model: named, ...migratableOf(cpu) };
    }
  }
}

function migratableOf({ migratable }: CpuXml): { readonly migratable?: boolean } {
  return migratable === undefined ? {} : { migratable };
}

/** The mode says which model; a name that is written all the same counts, and so does a vendor id. */
function hostModelModel(model: CpuXml['model']): Pick<CpuXml, 'model'> {
  if (model?.name !== undefined) return { model: { ...model, fallback: model.fallback ?? 'allow' } };
  return model?.vendor_id === undefined ? {} : { model: { vendor_id: model.vendor_id } };
}

function refuseWithoutModel(cpu: CpuXml, mode: Cpu['mode'], cx: ResolveContext): void {
  const [feature] = cpu.feature;
  if (cpu.vendor !== undefined)
    cx.report.add(cpuErrors['vendor-without-model'], { vendor: cpu.vendor }, whereIs(cpu, 'vendor'));
  if (mode === 'custom' && feature !== undefined)
    cx.report.add(cpuErrors['missing-model'], { feature: feature.name }, whereIs(feature, '@name'));
}

/** QEMU's default for the machine type: `qemu64` on PCs. */
function defaultModel(cx: ResolveContext): string {
  return (machineInfo(cx.domain, cx)?.defaultCpuType ?? 'qemu64').replace(/-x86_64-cpu$/, '');
}
