import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import type { Domain, ParsedDomain } from '../../domain.ts';
import { vcpuErrors } from './errors.ts';
import type { SingleVcpu, Vcpu, Vcpus, VcpusXml, VcpuXml } from './schema.ts';

/** One CPU unless said otherwise; where `<vcpus>` names each, their number at the start comes from there. */
export function resolveVcpu(value: VcpuXml | undefined, cx: ResolveContext): Vcpu {
  const count = value === undefined ? 1 : (value.count ?? 0);
  if (count === 0)
    cx.report.add(vcpuErrors['no-vcpus'], { value: value?.[SOURCE]?.text.trim() ?? '' }, whereIs(value));
  const { cpuset, current: written, ...rest } = value ?? {};
  const placement = placementOf(value, cx.domain);
  if (placement === 'auto' && cpuset !== undefined)
    cx.report.add(
      vcpuErrors['cpuset-ignored'],
      { value: value?.[SOURCE]?.attributes.cpuset ?? '' },
      whereIs(value, '@cpuset'),
    );
  const current = currentCount(written, count, cx.domain);
  return {
    ...rest,
    placement,
    ...(cpuset !== undefined && placement === 'static' && { cpuset }),
    ...(current !== count && { current }),
    count,
  };
}

/** Memory that is placed automatically takes the vCPUs with it, unless anything of them is bound. */
function placementOf(value: VcpuXml | undefined, domain: ParsedDomain): 'static' | 'auto' {
  if (value?.placement === 'auto') return 'auto';
  const { cputune } = domain;
  const isBound =
    value?.cpuset !== undefined ||
    cputune?.emulatorpin !== undefined ||
    (cputune?.vcpupin ?? []).length + (cputune?.iothreadpin ?? []).length > 0;
  return domain.numatune?.memory?.placement === 'auto' && !isBound ? 'auto' : 'static';
}

function currentCount(written: number | undefined, count: number, domain: ParsedDomain): number {
  const single = completeVcpus(domain.vcpus, count);
  return single === undefined ? (written ?? count) : single.filter((v) => v.enabled).length;
}

/** Every vCPU by itself, where one is written by itself: those that are not written are offline. */
export function resolveVcpus(value: VcpusXml | undefined, cx: ResolveContext): Vcpus | undefined {
  const { count } = cx.domain.vcpu ?? {};
  for (const one of value?.vcpu ?? [])
    if (one.id >= (count ?? 1))
      cx.report.add(vcpuErrors['out-of-range'], { id: one.id, count: count ?? 1 }, whereIs(one, '@id'));
  const all = completeVcpus(value, count ?? 1);
  return all === undefined ? undefined : { ...value, vcpu: all };
}

function completeVcpus(value: VcpusXml | undefined, count: number): readonly SingleVcpu[] | undefined {
  if (value === undefined || value.vcpu.length === 0) return undefined;
  const written = new Map(value.vcpu.map((one) => [one.id, one]));
  return Array.from({ length: count }, (_, id) => {
    const one = written.get(id) ?? { id, enabled: false };
    return { ...one, hotpluggable: one.hotpluggable ?? !one.enabled };
  });
}

/** The vCPUs that QEMU starts with, and those that are plugged in before the guest runs, in order. */
export function onlineVcpus(domain: Domain): {
  readonly fixed: number;
  readonly plugged: readonly SingleVcpu[];
} {
  const { vcpu, vcpus } = domain;
  if (vcpus === undefined) return { fixed: vcpu.current ?? vcpu.count, plugged: [] };
  const online = vcpus.vcpu.filter((one) => one.enabled);
  return {
    fixed: online.filter((one) => !one.hotpluggable).length,
    plugged: online
      .filter((one) => one.hotpluggable)
      .sort((a, b) => (a.order ?? a.id) - (b.order ?? b.id) || a.id - b.id),
  };
}
