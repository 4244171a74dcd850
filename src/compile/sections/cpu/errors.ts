import { defineErrors, didYouMean } from '../../../errors/index.ts';

export const cpuErrors = defineErrors('cpu', () => ({
  'missing-model': {
    class: 'invalid',
    message: (p: { feature: string }) =>
      `the CPU feature '${p.feature}' needs a <model> to be added to or taken from`,
  },
  'repeated-feature': {
    class: 'invalid',
    message: (p: { feature: string }) => `the CPU feature '${p.feature}' is written more than once`,
  },
  'bad-vendor-id': {
    class: 'invalid',
    message: (p: { vendorId: string }) =>
      `vendor_id '${p.vendorId}' has not the 12 characters of a CPU's vendor name`,
  },
  'comma-in-vendor-id': {
    class: 'invalid',
    message: (p: { vendorId: string }) => `vendor_id '${p.vendorId}' contains a comma`,
  },
  'vendor-without-model': {
    class: 'invalid',
    message: (p: { vendor: string }) => `the CPU vendor '${p.vendor}' needs a <model>`,
  },
  'no-cells': { class: 'invalid', message: () => '<numa> has no <cell>' },
  'repeated-cell': {
    class: 'invalid',
    message: (p: { cell: number }) => `the NUMA cell id '${p.cell}' is written more than once`,
  },
  'missing-cell': {
    class: 'invalid',
    message: (p: { cell: number }) =>
      `there is a NUMA cell with id '${p.cell}' and none with the id before: ids start from 0 and leave none out`,
  },
  'cell-too-large': {
    class: 'invalid',
    message: (p: { cell: number }) =>
      `the memory of NUMA cell '${p.cell}' rounded up to MiB is more than can be counted`,
  },
  'cell-of-missing-vcpu': {
    class: 'invalid',
    message: (p: { cell: number; vcpu: number; count: number }) =>
      `NUMA cell '${p.cell}' has vCPU '${p.vcpu}', but the domain has '${p.count}' vCPUs, from 0`,
  },
  'vcpu-in-two-cells': {
    class: 'invalid',
    message: (p: { cell: number; other: number; vcpu: number }) =>
      `vCPU '${p.vcpu}' is in NUMA cells '${p.other}' and '${p.cell}'`,
  },
  'no-siblings': {
    class: 'invalid',
    message: (p: { cell: number }) => `<distances> of NUMA cell '${p.cell}' has no <sibling>`,
  },
  'distance-to-missing-cell': {
    class: 'invalid',
    message: (p: { cell: number; sibling: number }) =>
      `NUMA 'cell id ${p.cell}' has a distance to 'sibling_id ${p.sibling}', which is not a cell`,
  },
  'invalid-distance': {
    class: 'invalid',
    message: (p: { cell: number; sibling: number; value: number }) =>
      `'value ${p.value}' is no distance from 'cell id ${p.cell}' to 'sibling id ${p.sibling}': 10 is a cell's own, 11 to 255 another's`,
  },
  'repeated-cell-cache': {
    class: 'invalid',
    message: (p: { cell: number; level: number }) =>
      `NUMA cell '${p.cell}' has a cache of level '${p.level}' twice`,
  },
  'cell-cache-level': {
    class: 'invalid',
    message: (p: { cell: number; level: number }) =>
      `NUMA cell '${p.cell}' has a cache of level '${p.level}': only 1 to 3 can be described`,
  },
  'cache-unit-ignored': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { element: string; written: string; unit: string }) =>
      `the unit '${p.written}' of <${p.element}> is ignored: the value is taken as ${p.unit}, as libvirt does`,
  },
  'link-to-missing-cell': {
    class: 'invalid',
    message: (p: { end: 'initiator' | 'target'; cell: number }) =>
      `'${p.end}' '${p.cell}' is not a NUMA cell`,
  },
  'link-to-missing-cache': {
    class: 'invalid',
    message: (p: { cell: number; level: number }) =>
      `'cache' '${p.level}' is no cache level that NUMA cell '${p.cell}' describes`,
  },
  'initiator-without-cpus': {
    class: 'invalid',
    message: (p: { cell: number }) => `NUMA cell '${p.cell}' has no CPUs and so cannot be an 'initiator'`,
  },
  'repeated-link': {
    class: 'invalid',
    message: (p: { kind: string; initiator: number; target: number }) =>
      `the ${p.kind} from cell '${p.initiator}' to cell '${p.target}' is written twice`,
  },
  'passthrough-without-kvm': {
    class: 'unavailable',
    message: (p: { mode: string }) =>
      `the CPU mode '${p.mode}' needs a domain of type 'kvm' and KVM on this host`,
    hint: () => "mode='maximum' gives a guest without KVM all that QEMU can emulate",
  },
  'unknown-host': {
    class: 'unavailable',
    message: (p: { mode: string }) =>
      `QEMU does not say which CPU it can offer here, which the CPU mode '${p.mode}' needs`,
  },
  'unknown-model': {
    class: 'invalid',
    message: (p: { model: string; known: readonly string[] }) => `there is no CPU model '${p.model}'`,
    hint: ({ model, known }) => didYouMean(model, known),
  },
  'unavailable-model': {
    class: 'unavailable',
    message: (p: { model: string }) =>
      `this QEMU does not have the CPU model '${p.model}', and another is forbidden`,
  },
  'unknown-feature': {
    class: 'invalid',
    message: (p: { feature: string; known: readonly string[] }) => `there is no CPU feature '${p.feature}'`,
    hint: ({ feature, known }) => didYouMean(feature, known),
  },
  'feature-ignored': {
    class: 'unavailable',
    severity: 'warning',
    message: (p: { feature: string }) =>
      `QEMU has no switch for the CPU feature '${p.feature}': it is ignored`,
  },
  'other-vendor': {
    class: 'unavailable',
    message: (p: { vendor: string }) => `the CPU is to be by '${p.vendor}', and the host's is not`,
  },
  'feature-unavailable': {
    class: 'unavailable',
    severity: 'warning',
    message: (p: { feature: string }) =>
      `this QEMU has no CPU feature '${p.feature}': it will refuse to start with it`,
  },
  'cells-beside-ram': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { cellsKiB: number; ramKiB: number }) =>
      `the NUMA cells of '${p.cellsKiB}' KiB are not the machine's '${p.ramKiB}' KiB: QEMU will refuse to start with them`,
    hint: () => 'a machine that waits for a migration keeps the sizes of its sender; give it whole MiB there',
  },
  'missing-features': {
    class: 'unavailable',
    message: (p: { model: string; features: readonly string[] }) =>
      `the host cannot run the CPU model '${p.model}': it has not ${p.features.map((f) => `'${f}'`).join(', ')}`,
    hint: () => "disable these features, or let QEMU try with check='none'",
  },
  'forbidden-features': {
    class: 'unavailable',
    message: (p: { model: string; features: readonly string[] }) =>
      `the host has the forbidden CPU features ${p.features.map((f) => `'${f}'`).join(', ')}`,
  },
  'extra-features': {
    class: 'unavailable',
    message: (p: { model: string; features: readonly string[] }) =>
      `the host is more than the CPU model '${p.model}', which match='strict' refuses: it has ${p.features.map((f) => `'${f}'`).join(', ')}`,
  },
  'migratable-without-host': {
    class: 'invalid',
    message: (p: { mode: string }) =>
      `'migratable' is for the modes host-passthrough and maximum, not for '${p.mode}'`,
  },
  'no-deprecated-features': {
    class: 'unsupported',
    message: () => "'deprecated_features' cannot be switched on x86",
  },
  'cache-level': {
    class: 'invalid',
    message: (p: { level: number }) => `there is no CPU cache level '${p.level}': levels are 1 to 3`,
  },
  'cache-emulation-level': {
    class: 'unsupported',
    message: () => "the CPU cache mode 'emulate' can only be had with level='3'",
  },
  'cache-mode-without-level': {
    class: 'unsupported',
    message: (p: { mode: string; level: number }) =>
      `the CPU cache mode '${p.mode}' is for all levels at once, not for level '${p.level}'`,
  },
  'cache-passthrough-without-host': {
    class: 'invalid',
    message: (p: { mode: string }) =>
      `the CPU cache mode 'passthrough' is for the modes host-passthrough and maximum, not for '${p.mode}'`,
  },
  'phys-bits-of-passthrough': {
    class: 'invalid',
    message: (p: { bits: number }) =>
      `'${p.bits}' bits of physical addresses cannot be written beside mode='passthrough'`,
    hint: () => "'limit' gives the most that the host's number may be",
  },
  'phys-limit-of-emulation': {
    class: 'invalid',
    message: (p: { limit: number }) =>
      `the limit '${p.limit}' of physical address bits is for mode='passthrough'`,
  },
  'clusters-unavailable': {
    class: 'unavailable',
    keepable: true,
    message: (p: { clusters: number }) =>
      `this QEMU has one cluster in a die, and clusters is '${p.clusters}'`,
  },
  'topology-mismatch': {
    class: 'invalid',
    message: (p: { product: number; count: number }) =>
      `the CPU topology has places for '${p.product}' vCPUs, and the domain has '${p.count}'`,
  },
}));
