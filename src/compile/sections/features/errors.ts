import { defineErrors, didYouMean } from '../../../errors/index.ts';

export const featureErrors = defineErrors('features', () => ({
  'other-architecture': {
    class: 'unsupported',
    message: (p: { feature: string; machine: string }) =>
      `the '${p.feature}' feature is not for architecture 'x86_64' or machine type '${p.machine}'`,
  },
  'other-hypervisor': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { feature: string }) =>
      `the '${p.feature}' feature belongs to another hypervisor and has no effect`,
  },
  'no-effect': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { feature: string }) =>
      `QEMU has no switch for the '${p.feature}' feature: it has no effect`,
  },
  'machine-lacks-feature': {
    class: 'unsupported',
    message: (p: { feature: string; machine: string }) =>
      `the '${p.feature}' feature is not available with machine type '${p.machine}'`,
  },
  'qemu-lacks-feature': {
    class: 'unavailable',
    message: (p: { feature: string }) => `this QEMU cannot control the '${p.feature}' feature`,
  },
  'vmport-without-ps2': {
    class: 'invalid',
    message: () => "the 'vmport' feature needs the 'ps2' feature not to be off",
  },
  'tseg-without-smm': {
    class: 'invalid',
    severity: 'warning',
    message: () => "the 'tseg' size has no effect while the 'smm' feature is off",
  },
  'tseg-not-in-mib': {
    class: 'invalid',
    message: (p: { sizeBytes: bigint }) => `the 'tseg' size '${p.sizeBytes}' is no multiple of 1 MiB`,
  },
  'missing-value': {
    class: 'invalid',
    message: (p: { feature: string; attribute: string }) =>
      `the '${p.feature}' feature needs the attribute '${p.attribute}' when it is on`,
  },
  'spinlock-retries': {
    class: 'invalid',
    message: (p: { retries: number }) => `'${p.retries}' spinlock retries are fewer than 4095`,
  },
  'bad-vendor-id': {
    class: 'invalid',
    message: (p: { value: string }) =>
      `hyperv vendor_id '${p.value}' is longer than 12 characters or contains a comma`,
  },
  'dirty-ring-size': {
    class: 'invalid',
    message: (p: { size: number | string }) =>
      `the dirty ring size '${p.size}' is no power of 2 from 1024 to 65536`,
  },
  'needs-kvm': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { feature: string; type: string }) =>
      `the '${p.feature}' feature has no effect in a domain of type '${p.type}'`,
  },
  'hyperv-ignored': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { enlightenment: string }) =>
      `hyperv mode 'passthrough' decides for itself: '${p.enlightenment}' has no effect`,
  },
  'unknown-feature': {
    class: 'invalid',
    message: (p: { feature: string; known: ReadonlySet<string> }) => `there is no feature '${p.feature}'`,
    hint: ({ feature, known }) => didYouMean(feature, known),
  },
  'tb-cache-not-in-mib': {
    class: 'invalid',
    message: (p: { sizeKiB: number }) => `the 'tb-cache' size '${p.sizeKiB}' KiB is no multiple of 1 MiB`,
  },
  'needs-tcg': {
    class: 'invalid',
    message: (p: { type: string }) => `the 'tcg' features are for domain type 'qemu', not '${p.type}'`,
  },
}));
