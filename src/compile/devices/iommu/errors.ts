import { defineErrors } from '../../../errors/index.ts';

export const iommuErrors = defineErrors('iommu', () => ({
  'more-than-one': { class: 'invalid', message: () => 'a domain has at most one IOMMU' },
  'unsupported-model': {
    class: 'unsupported',
    message: (p: { model: string }) => `the IOMMU '${p.model}' is for another architecture`,
  },
  'not-q35': {
    class: 'unsupported',
    message: (p: { model: string; machine: string }) =>
      `the IOMMU '${p.model}' is for q35 machines, and the machine type is '${p.machine}'`,
  },
  'no-options': {
    class: 'invalid',
    message: (p: { model: string; option: string }) =>
      `the IOMMU '${p.model}' has no options: '${p.option}' is Intel's`,
  },
  'no-address': {
    class: 'invalid',
    message: (p: { model: string }) => `the IOMMU '${p.model}' has no address to choose`,
  },
  'needs-acpi': {
    class: 'invalid',
    message: (p: { model: string }) => `the guest finds the IOMMU '${p.model}' through ACPI, which is off`,
    hint: () => 'add <acpi/> to <features>',
  },
  'needs-split-irqchip': {
    class: 'invalid',
    message: () => "interrupt remapping ('intremap') needs a split I/O APIC, which has the driver 'qemu'",
    hint: () => "add <ioapic driver='qemu'/> to <features>",
  },
  'eim-without-intremap': {
    class: 'invalid',
    message: () => "extended interrupt mode ('eim') needs interrupt remapping ('intremap')",
  },
}));
