import { defineErrors } from '../../../errors/index.ts';

export const vcpuErrors = defineErrors('vcpu', () => ({
  'no-vcpus': { class: 'invalid', message: (p: { value: string }) => `'${p.value}' is no number of vCPUs` },
  'more-than-the-maximum': {
    class: 'invalid',
    message: (p: { current: number; count: number }) =>
      `current='${p.current}' is more vCPUs than the domain has at most, '${p.count}'`,
  },
  'more-than-the-machine-has': {
    class: 'unavailable',
    message: (p: { count: number; machine: string; most: number }) =>
      `'${p.count}' vCPUs are more than the machine type '${p.machine}' can have: '${p.most}'`,
  },
  'many-need-q35': {
    class: 'unsupported',
    message: (p: { count: number; machine: string }) =>
      `'${p.count}' vCPUs are for a q35 machine, and the machine type is '${p.machine}': others have at most 255`,
  },
  'many-need-eim': {
    class: 'invalid',
    message: (p: { count: number }) =>
      `'${p.count}' vCPUs need an IOMMU with extended interrupt mode: without 'eim' there are at most 255`,
    hint: () => "<iommu model='intel'> with <driver intremap='on' eim='on'/>",
  },
  'empty-cpuset': { class: 'invalid', message: (p: { value: string }) => `cpuset '${p.value}' names no CPU` },
  'cpuset-ignored': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { value: string }) => `cpuset '${p.value}' is ignored beside placement='auto'`,
  },
  'out-of-range': {
    class: 'invalid',
    message: (p: { id: number; count: number }) =>
      `vCPU id '${p.id}' is not below the number of vCPUs, '${p.count}'`,
  },
  'first-vcpu-offline': { class: 'invalid', message: () => "vCPU '0' cannot be offline" },
  'first-vcpu-later': {
    class: 'invalid',
    message: (p: { order: number }) => `vCPU '0' must be enabled first, and its order is '${p.order}'`,
  },
  'first-vcpu-hotpluggable': { class: 'invalid', message: () => "vCPU '0' cannot be hotpluggable" },
  'offline-not-hotpluggable': {
    class: 'invalid',
    message: (p: { id: number }) => `vCPU '${p.id}' is offline and not hotpluggable: it could never be used`,
  },
  'order-of-some': {
    class: 'invalid',
    message: (p: { id: number }) =>
      `vCPU '${p.id}' has no 'order' and others have one: it is for all that are online`,
  },
  'fixed-after-hotpluggable': {
    class: 'invalid',
    message: (p: { id: number }) =>
      `vCPU '${p.id}' is not hotpluggable and follows one that is: those that are fixed come first`,
  },
  'machine-cannot-hotplug': {
    class: 'unavailable',
    message: (p: { machine: string }) => `the machine type '${p.machine}' cannot have vCPUs plugged in`,
  },
}));
