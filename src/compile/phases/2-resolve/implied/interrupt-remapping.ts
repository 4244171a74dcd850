import type { ParsedDomain, XmlOf } from '../../../domain.ts';
import { isQ35 } from '../../../shared/machine.ts';
import { hasManyVcpus } from '../../../shared/many-vcpus.ts';
import type { Implication } from '../implied.ts';

type IommuXml = XmlOf<'iommu'>;

/**
 * A q35 machine with more than 255 vCPUs has an IOMMU that remaps interrupts and has extended interrupt mode (format:
 * "IOMMU devices", `eim`), unless the domain says otherwise.
 */
export const iommuOfManyVcpus: Implication = (domain) => {
  if (!isQ35(domain) || !hasManyVcpus(domain)) return {};
  const { iommu } = domain.devices;
  return { iommu: iommu.length === 0 ? [remapping({ model: 'intel' })] : iommu.map(remapping) };
};

function remapping(iommu: IommuXml): IommuXml {
  if (iommu.model !== 'intel') return iommu;
  const { driver } = iommu;
  return {
    ...iommu,
    driver: { ...driver, intremap: driver?.intremap ?? true, eim: driver?.eim ?? true },
  };
}

/** QEMU remaps interrupts only where it has the I/O APIC itself; KVM has it if nobody says anything. */
export function splitIrqchip(domain: ParsedDomain): ParsedDomain {
  const { features } = domain;
  const remaps = domain.devices.iommu.some(({ model, driver }) => model === 'intel' && driver?.intremap);
  if (!remaps || features?.ioapic !== undefined) return domain;
  return { ...domain, features: { ...features, ioapic: 'qemu' } };
}
