import { defineErrors } from '../../../errors/index.ts';

export const numatuneErrors = defineErrors('numatune', () => ({
  'missing-nodeset': {
    class: 'invalid',
    message: (p: { mode: string }) =>
      `<memory mode='${p.mode}'> of <numatune> needs a 'nodeset' or placement='auto'`,
  },
  'empty-nodeset': {
    class: 'invalid',
    message: (p: { attribute: string; value: string }) => `'${p.attribute}' '${p.value}' names no NUMA node`,
  },
  'unavailable-node': {
    class: 'unavailable',
    message: (p: { node: number }) => `this host has no NUMA node '${p.node}'`,
  },
  'no-advice': {
    class: 'unavailable',
    message: () => "placement='auto' needs advice about this host's NUMA nodes, and there is none",
    hint: () => "name the nodes with 'nodeset'",
  },
  'memnode-without-cells': {
    class: 'invalid',
    message: (p: { cell: number }) => `<memnode> for cell '${p.cell}' in a guest without NUMA cells`,
  },
  'memnode-of-missing-cell': {
    class: 'invalid',
    message: (p: { cell: number }) =>
      `the guest has no NUMA cell '${p.cell}', which a <memnode> names as its 'cellid'`,
  },
  'repeated-memnode': {
    class: 'invalid',
    message: (p: { cell: number }) => `several <memnode> elements are for cell '${p.cell}'`,
  },
  'memnode-with-automatic-placement': {
    class: 'invalid',
    message: (p: { cell: number }) => `<memnode> for cell '${p.cell}' beside placement='auto'`,
  },
  'mixed-restrictive': {
    class: 'invalid',
    message: (p: { memory: string; memnode: string }) =>
      `the mode 'restrictive' is for <memory> and every <memnode> or for none: they are '${p.memory}' and '${p.memnode}'`,
  },
}));
