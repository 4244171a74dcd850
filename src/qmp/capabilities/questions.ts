import type { Question } from './exchange.ts';

const DEVICES = [
  'virtio-blk-pci',
  'virtio-net-pci',
  'virtio-scsi-pci',
  'vfio-pci',
  'scsi-hd',
  'ide-hd',
  'PIIX4_PM',
  'usb-redir',
  'usb-storage',
  'kvm-pit',
  'VGA',
  'vmware-svga',
  'qxl',
  'virtio-gpu-pci',
  'virtio-gpu-device',
  'ICH9-LPC',
  'virtio-balloon-pci',
  'virtio-balloon-device',
  'intel-iommu',
  'mch',
  'nvdimm',
  'pcie-root-port',
  'usb-host',
  'vhost-user-fs-device',
  'virtio-mem-pci',
  'virtio-iommu-pci',
] as const;

const OBJECTS = [
  'memory-backend-file',
  'memory-backend-memfd',
  'max-x86_64-cpu',
  'none-machine',
  'generic-pc-machine',
] as const;

const bare = (execute: string): Question => ({ execute });

/** Everything that does not depend on the accelerator, in the order in which recordings ask it. */
export const COMMON_QUESTIONS: readonly Question[] = [
  ...['query-version', 'query-target', 'query-qmp-schema', 'query-kvm', 'qom-list-types'].map(bare),
  ...DEVICES.map((typename) => ({ execute: 'device-list-properties', arguments: { typename } })),
  ...OBJECTS.map((typename) => ({ execute: 'qom-list-properties', arguments: { typename } })),
  ...[
    'query-tpm-models',
    'query-tpm-types',
    'query-command-line-options',
    'query-migrate-capabilities',
    'query-sev-capabilities',
    'query-sgx-capabilities',
  ].map(bare),
];

/**
 * What differs by accelerator: machines, CPU models, and the CPU model that stands for the host
 * (`host` under KVM, `max` under TCG). `hv-passthrough` turns on each Hyper-V enlightenment that KVM offers.
 */
export function acceleratorQuestions(accelerator: 'kvm' | 'tcg'): readonly Question[] {
  const name = accelerator === 'kvm' ? 'host' : 'max';
  const expand = (type: string, props?: Readonly<Record<string, boolean>>): Question => ({
    execute: 'query-cpu-model-expansion',
    arguments: { type, model: props === undefined ? { name } : { name, props } },
  });
  return [
    bare('query-machines'),
    bare('query-cpu-definitions'),
    expand('static'),
    expand('static', { migratable: false }),
    ...(accelerator === 'kvm' ? [expand('full', { migratable: false, 'hv-passthrough': true })] : []),
  ];
}
