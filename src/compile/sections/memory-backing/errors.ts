import { defineErrors } from '../../../errors/index.ts';

export const memoryBackingErrors = defineErrors('memory-backing', () => ({
  'zero-page-size': { class: 'invalid', message: () => "a hugepage of size '0' is none" },
  'two-default-sizes': {
    class: 'invalid',
    message: (p: { first: number; second: number }) =>
      `hugepages of '${p.first}' and '${p.second}' KiB are both for every NUMA node`,
    hint: () => "give all <page> elements but one a 'nodeset'",
  },
  'overlapping-nodesets': {
    class: 'invalid',
    message: (p: { first: number; second: number }) =>
      `hugepages of '${p.first}' and '${p.second}' KiB are both for one NUMA node`,
  },
  'missing-node': {
    class: 'invalid',
    message: (p: { node: number }) =>
      `hugepages are for the guest's NUMA node '${p.node}', which it does not have`,
  },
  'no-default-hugepages': {
    class: 'unavailable',
    message: () => 'this host has no hugetlbfs mounted for <hugepages> without a size',
    hint: () => 'mount hugetlbfs at /dev/hugepages',
  },
  'unavailable-page-size': {
    class: 'unavailable',
    message: (p: { sizeKiB: number }) =>
      `this host has no hugetlbfs mounted with pages of '${p.sizeKiB}' KiB`,
  },
  'hugepages-and-anonymous': {
    class: 'invalid',
    message: () => "hugepages are never of the memory source 'anonymous'",
  },
  'hugepages-on-demand': {
    class: 'invalid',
    message: () => "hugepages are allocated at once: the allocation cannot be 'ondemand'",
  },
  'unsupported-backend': {
    class: 'unavailable',
    message: (p: { backend: string }) => `this QEMU has no '${p.backend}'`,
  },
}));
