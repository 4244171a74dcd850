import { defineErrors } from '../../../errors/index.ts';

export const cputuneErrors = defineErrors('cputune', () => ({
  'out-of-range': {
    class: 'invalid',
    message: (p: { name: string; value: bigint; from: bigint; to: bigint }) =>
      `'${p.name}' of <cputune> is '${p.value}': it must be 0 for none or from ${p.from} to ${p.to}`,
  },
  'repeated-pin': {
    class: 'invalid',
    message: (p: { element: string; id: number }) => `<${p.element}> is written twice for '${p.id}'`,
  },
  'empty-set': {
    class: 'invalid',
    message: (p: { attribute: string; value: string }) =>
      `'${p.attribute}' '${p.value}' names nothing at all`,
  },
  'pin-of-missing-vcpu': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { vcpu: number }) => `the domain has no vCPU '${p.vcpu}': its <vcpupin> is ignored`,
  },
  'missing-vcpu': {
    class: 'invalid',
    message: (p: { vcpu: number }) => `<vcpusched> names vCPU '${p.vcpu}', which the domain does not have`,
  },
  'missing-iothread': {
    class: 'invalid',
    message: (p: { element: string; iothread: number }) =>
      `<${p.element}> names iothread '${p.iothread}', which the domain does not have`,
  },
  'overlapping-schedulers': {
    class: 'invalid',
    message: (p: { element: string; attribute: string; id: number }) =>
      `two <${p.element}> elements schedule '${p.id}': their '${p.attribute}' must not overlap`,
  },
  'missing-priority': {
    class: 'invalid',
    message: (p: { scheduler: string }) => `the scheduler '${p.scheduler}' needs a 'priority'`,
  },
  'kvm-only': {
    class: 'unsupported',
    message: (p: { element: string }) => `'${p.element}' needs a domain of type 'kvm'`,
  },
  'overlapping-groups': {
    class: 'invalid',
    message: (p: { element: string; vcpus: string }) =>
      `<${p.element}> of vCPUs '${p.vcpus}' shares some of them with another allocation`,
  },
  'repeated-group': {
    class: 'invalid',
    message: (p: { element: string; vcpus: string }) =>
      `<${p.element}> is written twice for vCPUs '${p.vcpus}'`,
  },
  'colliding-caches': {
    class: 'invalid',
    message: (p: { level: number; id: number; type: string }) =>
      `<cachetune> allocates cache level '${p.level}' id '${p.id}' type '${p.type}' more than once`,
  },
  'repeated-node': {
    class: 'invalid',
    message: (p: { node: number }) => `<memorytune> gives node '${p.node}' a bandwidth more than once`,
  },
  'monitor-outside-group': {
    class: 'invalid',
    message: (p: { vcpus: string; group: string }) =>
      `a <monitor> watches vCPUs '${p.vcpus}', which are not all of its group '${p.group}'`,
  },
  'overlapping-monitors': {
    class: 'invalid',
    message: (p: { vcpus: string }) => `two <monitor> elements watch vCPUs of '${p.vcpus}'`,
  },
  'monitor-level': {
    class: 'invalid',
    message: (p: { level: number }) => `a <monitor> of cache level '${p.level}' is not possible: only 3 is`,
  },
}));
