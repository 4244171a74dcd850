import { defineErrors } from '../../errors/index.ts';

/** What can be wrong with the definition of a virtual network, or with what an interface asks of it. */
export const virtualNetworkErrors = defineErrors('virtual-network', () => ({
  'not-a-network': {
    class: 'syntax',
    message: (p: { name: string }) => `the root element is <${p.name}>, not <network>`,
  },
  'needs-bridge-or-interface': {
    class: 'invalid',
    message: (p: { mode: string }) =>
      `a network of forward mode '${p.mode}' names a bridge or an interface of the host, and this one names none`,
  },
  'no-bandwidth-here': {
    class: 'unsupported',
    message: (p: { mode: string }) =>
      `a network of the mode '${p.mode}' has no bridge of its own whose <bandwidth> could be limited`,
    hint: () => 'a <portgroup> limits each of its interfaces',
  },
  'no-address-here': {
    class: 'unsupported',
    message: (p: { mode: string }) =>
      `the addresses of a network of forward mode '${p.mode}' are given by whoever made its bridge`,
  },
  'bad-address': {
    class: 'invalid',
    message: (p: { address: string }) => `'${p.address}' is no IP address of its family`,
  },
  'bad-bridge-name': {
    class: 'invalid',
    message: (p: { bridge: string }) => `'${p.bridge}' cannot be the name of a bridge`,
  },
  'functions-not-implemented': {
    class: 'not-implemented',
    message: (p: { mode: string }) => `networks of forward mode '${p.mode}' are not implemented yet`,
    hint: () => "name the function in the domain: <interface type='hostdev'>",
  },
  'portgroup-unknown': {
    class: 'invalid',
    message: (p: { network: string; portgroup: string }) =>
      `the virtual network '${p.network}' has no portgroup '${p.portgroup}'`,
  },
  'port-contradiction': {
    class: 'invalid',
    message: (p: { network: string; parameter: string }) =>
      `'${p.parameter}' of <virtualport> is one thing here and another in the network '${p.network}' or its portgroup`,
  },
}));
