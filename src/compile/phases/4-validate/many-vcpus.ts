import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { vcpuErrors } from '../../sections/vcpu/errors.ts';
import { isQ35, machineOf } from '../../shared/machine.ts';
import { hasManyVcpus } from '../../shared/many-vcpus.ts';

/** More vCPUs than an interrupt can be sent to need an IOMMU that extends interrupts. */
export function validateManyVcpus({ domain, report }: ValidateContext): void {
  if (!hasManyVcpus(domain)) return;
  const { count } = domain.vcpu;
  const where = whereIs(domain.vcpu);
  const [iommu] = domain.devices.iommu;
  if (!isQ35(domain)) report.add(vcpuErrors['many-need-q35'], { count, machine: machineOf(domain) }, where);
  else if (iommu?.driver?.eim !== true) report.add(vcpuErrors['many-need-eim'], { count }, where);
}
