import { defineErrors } from '../../errors/index.ts';

interface Assigned {
  /** The device's alias: `hostdev0`. */
  readonly device: string;
  readonly function: string;
}

/** What can be wrong with PCI functions of the host that guests are to have. */
export const pciErrors = defineErrors('pci', () => ({
  'function-missing': {
    class: 'unavailable',
    message: (p: Assigned) => `the host has no PCI function '${p.function}', which '${p.device}' is to be`,
    hint: () => 'qdom nodedev-list --cap pci shows those that it has',
  },
  'iommu-missing': {
    class: 'unavailable',
    message: (p: Assigned & { found: string; remedy: string }) =>
      `no IOMMU isolates the PCI function '${p.function}' of '${p.device}', so that it cannot be given to a guest: ${p.found}`,
    hint: (p) => p.remedy,
  },
  'interrupts-not-remapped': {
    class: 'unavailable',
    message: (p: Assigned) =>
      `the host does not remap interrupts: a guest with the PCI function '${p.function}' of '${p.device}' could send the host any of them, and vfio refuses that`,
    hint: () =>
      'turn on interrupt remapping (x2APIC, VT-d) in the firmware; where all guests are trusted: echo 1 > /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts',
  },
  'vfio-unusable': {
    class: 'unavailable',
    message: (p: { device: string; reason: string }) => `'${p.device}' needs vfio: ${p.reason}`,
    hint: () =>
      'load it (modprobe vfio-pci); who runs QEMU must be allowed to open /dev/vfio/vfio and the group beside it',
  },
  'driver-missing': {
    class: 'unavailable',
    message: (p: { device: string; driver: string }) =>
      `'${p.device}' needs the driver '${p.driver}', which is not loaded`,
    hint: (p) => `modprobe ${p.driver}`,
  },
  bridge: {
    class: 'unavailable',
    message: (p: Assigned) => `'${p.function}' of '${p.device}' is a PCI bridge, which no guest can have`,
    hint: () => 'give the guest the functions behind it: qdom nodedev-list --tree shows them',
  },
  'function-unbound': {
    class: 'unavailable',
    message: (p: Assigned & { driver: string; name: string }) =>
      `'${p.function}' of '${p.device}' is not managed, and is bound to ${p.driver} instead of vfio-pci`,
    hint: (p) => `take it from the host: qdom nodedev-detach ${p.name}; or write managed='yes'`,
  },
  'group-shared': {
    class: 'conflict',
    message: (
      p: Assigned & {
        group: string;
        others: readonly { readonly member: string; readonly driver: string }[];
      },
    ) =>
      `'${p.function}' of '${p.device}' is in IOMMU group '${p.group}' with what the host uses: ${p.others.map((o) => `${o.member} (${o.driver})`).join(', ')}`,
    hint: () =>
      'a group is given as a whole: give these to the domain too, or take them from the host (qdom nodedev-detach); in another slot the device may have a group of its own',
  },
  'function-busy': {
    class: 'conflict',
    message: (p: { function: string; group: string }) =>
      `'${p.function}' is in use: a process has '/dev/vfio/${p.group}' open`,
    hint: (p) => `fuser -v /dev/vfio/${p.group} names it`,
  },
  'function-has-vfs': {
    class: 'conflict',
    message: (p: Assigned & { count: number }) =>
      `'${p.function}' of '${p.device}' has '${p.count}' virtual functions, which would go away with its driver`,
    hint: (p) =>
      `give the guest one of them, or end them: echo 0 > /sys/bus/pci/devices/${p.function}/sriov_numvfs`,
  },
  'not-virtual': {
    class: 'unavailable',
    message: (p: Assigned) =>
      `'${p.function}' of interface '${p.device}' is no SR-IOV virtual function: its MAC and VLAN cannot be set`,
    hint: () =>
      "give it to the guest as it is by <hostdev mode='subsystem' type='pci'>, or make virtual functions: write their number into sriov_numvfs of the physical one",
  },
  'physical-without-link': {
    class: 'unavailable',
    message: (p: Assigned & { physical: string }) =>
      `the MAC of '${p.function}' for interface '${p.device}' is set through its physical function '${p.physical}', which has no network interface`,
    hint: (p) => `its driver must have it: qdom nodedev-reattach ${p.physical}`,
  },
  'physical-down': {
    class: 'unavailable',
    message: (p: Assigned & { link: string }) =>
      `'${p.link}', whose virtual function '${p.function}' interface '${p.device}' is to be, is down`,
    hint: (p) => `ip link set dev ${p.link} up`,
  },
  'bind-failed': {
    class: 'failed',
    message: (p: { function: string; driver: string; reason: string }) =>
      `the PCI function '${p.function}' cannot be bound to '${p.driver}': ${p.reason}`,
    hint: () =>
      'the kernel log (dmesg) may say more; a driver that is not loaded any more binds nothing (modprobe)',
  },
  'not-resettable': {
    class: 'unavailable',
    message: (p: { function: string }) => `the kernel knows no way to reset the PCI function '${p.function}'`,
    hint: () =>
      'a function that QEMU closes is reset by vfio-pci, where anything can; otherwise the host has to be restarted',
  },
  'no-such-node-device': {
    class: 'not-found',
    message: (p: { name: string }) => `the host has no PCI function '${p.name}'`,
    hint: () => "qdom nodedev-list --cap pci shows those that it has: 'pci_0000_01_00_0' is '0000:01:00.0'",
  },
  'reset-failed': {
    class: 'failed',
    message: (p: { function: string; reason: string }) =>
      `the PCI function '${p.function}' cannot be reset: ${p.reason}`,
    hint: () => 'the kernel log (dmesg) may say more; another function of the same card may be in use',
  },
}));
