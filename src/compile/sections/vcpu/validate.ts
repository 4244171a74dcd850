import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { machineOf } from '../../shared/machine.ts';
import { machineInfo } from '../../shared/machine-type.ts';
import { vcpuErrors } from './errors.ts';
import type { Vcpu, Vcpus } from './schema.ts';

export function validateVcpu(vcpu: Vcpu, cx: ValidateContext): void {
  const { count, current } = vcpu;
  if (current !== undefined && current > count)
    cx.report.add(vcpuErrors['more-than-the-maximum'], { current, count }, whereIs(vcpu, '@current'));
  if (current === 0) cx.report.add(vcpuErrors['first-vcpu-offline'], undefined, whereIs(vcpu, '@current'));
  if (vcpu.cpuset?.length === 0)
    cx.report.add(
      vcpuErrors['empty-cpuset'],
      { value: vcpu[SOURCE]?.attributes.cpuset ?? '' },
      whereIs(vcpu, '@cpuset'),
    );
  const most = machineInfo(cx.domain, cx)?.cpuMax;
  if (most !== undefined && count > most)
    cx.report.add(
      vcpuErrors['more-than-the-machine-has'],
      { count, machine: machineOf(cx.domain), most },
      whereIs(vcpu),
    );
}

/** QEMU starts with the fixed vCPUs, which are the first; the others are plugged in by their order. */
export function validateVcpus(vcpus: Vcpus | undefined, cx: ValidateContext): void {
  const all = vcpus?.vcpu ?? [];
  const [first] = all;
  const where = whereIs(vcpus);
  if (first === undefined) return;
  if (!first.enabled) cx.report.add(vcpuErrors['first-vcpu-offline'], undefined, whereIs(first));
  else if (first.hotpluggable)
    cx.report.add(vcpuErrors['first-vcpu-hotpluggable'], undefined, whereIs(first));
  else if ((first.order ?? 1) !== 1)
    cx.report.add(vcpuErrors['first-vcpu-later'], { order: first.order ?? 1 }, whereIs(first, '@order'));
  const online = all.filter((one) => one.enabled);
  const isOrdered = online.some((one) => one.order !== undefined);
  let afterHotpluggable = false;
  for (const one of online) {
    if (isOrdered && one.order === undefined)
      cx.report.add(vcpuErrors['order-of-some'], { id: one.id }, whereIs(one));
    if (afterHotpluggable && !one.hotpluggable)
      cx.report.add(vcpuErrors['fixed-after-hotpluggable'], { id: one.id }, whereIs(one));
    afterHotpluggable ||= one.hotpluggable;
  }
  for (const one of all)
    if (!one.enabled && !one.hotpluggable)
      cx.report.add(vcpuErrors['offline-not-hotpluggable'], { id: one.id }, whereIs(one));
  if (online.some((one) => one.hotpluggable) && machineInfo(cx.domain, cx)?.hotpluggableCpus === false)
    cx.report.add(vcpuErrors['machine-cannot-hotplug'], { machine: machineOf(cx.domain) }, where);
}
