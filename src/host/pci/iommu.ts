import type { HostSystem } from '../system.ts';

/** What is known of the host's IOMMU, which keeps devices apart. */
export type Iommu =
  | { readonly state: 'on'; readonly groups: number; readonly remapsInterrupts: boolean }
  /** What is seen, and what to do about it. */
  | { readonly state: 'off'; readonly found: string; readonly remedy: string };

/** ACPI's tables of the IOMMUs of Intel and AMD. */
const TABLES = [
  { table: 'DMAR', name: 'VT-d', option: 'intel_iommu' },
  { table: 'IVRS', name: 'AMD-Vi', option: 'amd_iommu' },
] as const;

/** From sysfs and the kernel's command line: the firmware may have none, or the kernel may not use it. */
export function iommuOf(host: HostSystem): Iommu {
  const groups = host.listDirectory('/sys/kernel/iommu_groups').length;
  if (groups > 0) return { state: 'on', groups, remapsInterrupts: remapsInterrupts(host) };
  const known = TABLES.find(({ table }) => host.status(`/sys/firmware/acpi/tables/${table}`) !== undefined);
  if (known === undefined)
    return {
      state: 'off',
      found: 'the firmware shows no IOMMU',
      remedy:
        'turn on VT-d (Intel) or AMD-Vi in the firmware; a machine that is a guest needs one that is emulated',
    };
  const { name, option } = known;
  const words = (host.readText('/proc/cmdline') ?? '').trim().split(/\s+/);
  const turnsOff = words.find((word) => word === `${option}=off` || word === 'iommu=off');
  return turnsOff === undefined
    ? {
        state: 'off',
        found: `the firmware has ${name}, and the kernel does not use it`,
        remedy: `boot the host with ${option}=on`,
      }
    : {
        state: 'off',
        found: `the firmware has ${name}, and the kernel was told not to use it (${turnsOff})`,
        remedy: `take ${turnsOff} off the kernel's command line, and boot with ${option}=on`,
      };
}

/** Interrupts that are remapped have such a chip (Documentation: `IR-IO-APIC`, `IR-PCI-MSI`). */
function remapsInterrupts(host: HostSystem): boolean {
  return /\bIR-/.test(host.readText('/proc/interrupts') ?? '');
}

const UNSAFE = '/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts';

/**
 * Whether vfio gives a function to nobody because a guest could send the host any interrupt by it: no interrupt is remapped,
 * and nobody has allowed that (kernel: vfio_iommu_type1).
 */
export function refusesInterrupts(host: HostSystem): boolean {
  return host.readText(UNSAFE)?.trim() === 'N' && !remapsInterrupts(host);
}
