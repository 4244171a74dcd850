import { defineErrors } from '../../errors/index.ts';

/** What can go wrong with virtual networks. */
export const networkRegistryErrors = defineErrors('net', () => ({
  'not-found': {
    class: 'not-found',
    message: (p: { name: string }) => `no virtual network with the name '${p.name}'`,
    hint: () => 'qdom net-list --all',
  },
  'already-defined': {
    class: 'conflict',
    message: (p: { name: string; uuid: string }) =>
      `the virtual network '${p.name}' is already defined with the UUID '${p.uuid}'`,
    hint: () => 'undefine it first, or give the definition the same UUID',
  },
  'uuid-taken': {
    class: 'conflict',
    message: (p: { name: string; uuid: string }) =>
      `UUID '${p.uuid}' belongs to the virtual network '${p.name}'`,
  },
  'bridge-taken': {
    class: 'conflict',
    message: (p: { name: string; bridge: string }) =>
      `bridge '${p.bridge}' belongs to the virtual network '${p.name}'`,
  },
  'already-active': {
    class: 'conflict',
    message: (p: { name: string }) => `the virtual network '${p.name}' is already active`,
  },
  'not-active': {
    class: 'conflict',
    message: (p: { name: string }) => `the virtual network '${p.name}' is not active`,
  },
}));
