import { defineErrors, didYouMean } from '../../../errors/index.ts';

type Type = { readonly type: string };
type Model = { readonly model: string };
type Address = { readonly address: string };

export const interfaceErrors = defineErrors('interface', () => ({
  'foreign-type': {
    class: 'unsupported',
    message: (p: Type) => `interface type '${p.type}' belongs to another hypervisor`,
  },
  'network-unknown': {
    class: 'unavailable',
    message: (p: { network: string }) =>
      `nothing is known of the virtual network '${p.network}' that the interface is on`,
    hint: () => "define it (qdom net-define FILE), or name what it stands for: <interface type='bridge'>",
  },
  'unknown-model': {
    class: 'unavailable',
    severity: 'warning',
    message: (p: Model & { known: readonly string[] }) => `this QEMU has no NIC model '${p.model}'`,
    hint: ({ model, known }) => didYouMean(model, known),
  },
  'assigned-not-pci': {
    class: 'unsupported',
    message: (p: { what: string }) =>
      `an interface of type 'hostdev' is a PCI function of the host, and its source has '${p.what}'`,
  },
  'multicast-mac': {
    class: 'invalid',
    message: (p: { mac: string }) => `MAC address '${p.mac}' is a multicast address`,
  },
  'vhost-user-model': {
    class: 'unsupported',
    message: (p: Type & Model) => `an interface of type '${p.type}' is model 'virtio', not '${p.model}'`,
  },
  'needs-shared-memory': {
    class: 'invalid',
    message: () => "an 'interface' of type 'vhostuser' needs shared memory",
    hint: () => "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
  },
  'reconnect-of-server': {
    class: 'invalid',
    message: (p: { mode: string }) =>
      `<reconnect> is for the side that connects, and the source has mode '${p.mode}'`,
  },
  'queue-size': {
    class: 'invalid',
    message: (p: { name: string; size: number }) => `${p.name} '${p.size}' is not a power of two`,
  },
  'teaming-model': {
    class: 'invalid',
    message: (p: Model) => `a 'persistent' teaming interface is model 'virtio', not '${p.model}'`,
  },
  'teaming-persistent': {
    class: 'invalid',
    message: (p: { persistent: string }) =>
      `persistent='${p.persistent}' is for a teaming of type 'transient', not 'persistent'`,
  },
  'teaming-transient': {
    class: 'invalid',
    message: (p: Type) => `a 'transient' teaming interface is of type 'hostdev', not '${p.type}'`,
  },
  'passt-type': {
    class: 'unsupported',
    message: (p: Type) => `backend 'passt' is for the types 'user' and 'vhostuser', not '${p.type}'`,
  },
  'passt-unavailable': {
    class: 'unavailable',
    message: () =>
      "the backend 'passt' needs QEMU's network back end 'stream', which this QEMU does not have",
    hint: () => 'QEMU has it since 7.2',
  },
  'port-forward-without-passt': {
    class: 'unsupported',
    message: (p: { backend: string; type: string }) =>
      `<portForward> is done by backend 'passt' of type 'user' or 'vhostuser', not by '${p.backend}' of type '${p.type}'`,
  },
  'guest-address': {
    class: 'unsupported',
    message: (p: Address) => `QEMU cannot give the guest's side the address or route '${p.address}'`,
  },
  'bad-address': {
    class: 'invalid',
    message: (p: Address) => `'${p.address}' is no IP address`,
  },
  'address-family': {
    class: 'invalid',
    message: (p: Address & { family: string }) => `address '${p.address}' is not of family '${p.family}'`,
  },
  'prefix-range': {
    class: 'invalid',
    message: (p: { prefix: number; family: string }) =>
      `prefix '${p.prefix}' is too long for family '${p.family}'`,
  },
  'route-not-network': {
    class: 'invalid',
    message: (p: Address) => `address '${p.address}' of the route is not a network's`,
    hint: () => 'the bits after the prefix must be 0',
  },
  'one-address': {
    class: 'unsupported',
    message: (p: Address & { family: string }) =>
      `a user-mode network has one address of family '${p.family}', and '${p.address}' is a second one`,
  },
  'user-prefix': {
    class: 'invalid',
    message: (p: { prefix: number; family: string; min: number; max: number }) =>
      `prefix '${p.prefix}' of family '${p.family}' in a user-mode network is not from ${p.min} to ${p.max}`,
  },
  'queues-of-type': {
    class: 'unsupported',
    keepable: true,
    message: (p: Type & { queues: number }) =>
      `an interface of type '${p.type}' has one queue, and queues is '${p.queues}'`,
  },
  'script-of-type': {
    class: 'unsupported',
    keepable: true,
    message: (p: Type) => `<script> is for interfaces of type 'ethernet', not '${p.type}'`,
  },
  'tap-of-type': {
    class: 'unsupported',
    keepable: true,
    message: (p: Type & { tap: string }) =>
      `an interface of type '${p.type}' has no tap, and tap is '${p.tap}'`,
  },
  'vlan-of-type': {
    class: 'unsupported',
    keepable: true,
    message: (p: Type) => `an interface of type '${p.type}' cannot be in a VLAN`,
  },
  'virtio-option': {
    class: 'unsupported',
    message: (p: Model & { option: string }) =>
      `driver option '${p.option}' is for virtio devices, and this is a '${p.model}'`,
  },
  'driver-without-model': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { type: string }) =>
      `<driver> of an interface of type '${p.type}' is ignored: it is for a virtio model that is written`,
    hint: () => "<model type='virtio'/>",
  },
  'virtio-only': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: Model & { what: string }) =>
      `'${p.what}' is ignored: it is for model 'virtio', not for '${p.model}'`,
  },
  'delay-ignored': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { delay: number }) => `delay '${p.delay}' is ignored: it is for network storage`,
  },
  'source-ignored': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { dev: string }) => `source '${p.dev}' is ignored: only the backend 'passt' can use it`,
  },
  'port-range': {
    class: 'invalid',
    keepable: true,
    message: (p: { start: number; end: number }) =>
      `port range ends at '${p.end}', before its start '${p.start}'`,
  },
  'excluded-to': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { to: number }) => `a range that is excluded goes nowhere, and has to='${p.to}'`,
  },
  'bad-name': {
    class: 'invalid',
    message: (p: { name: string; reason: string }) =>
      `'${p.name}' cannot be the name of a network interface: ${p.reason}`,
  },
  'unmanaged-target': {
    class: 'unsupported',
    message: (p: Type) => `managed='no' is for the target of type 'ethernet', not of '${p.type}'`,
  },
  'mtu-of-type': {
    class: 'unsupported',
    message: (p: Type & { size: number }) =>
      `MTU '${p.size}' cannot be set on an interface of type '${p.type}'`,
  },
  'coalesce-of-type': {
    class: 'unsupported',
    message: (p: Type) => `<coalesce> cannot be set on an interface of type '${p.type}'`,
  },
  'isolated-of-type': {
    class: 'unsupported',
    message: (p: { what: string }) =>
      `<port isolated='yes'/> is for ports of a Linux bridge, not for '${p.what}'`,
  },
  'vlan-trunk': {
    class: 'invalid',
    message: (p: { count: number }) => `trunk='no' and '${p.count}' VLAN tags contradict each other`,
  },
  'vlan-native': {
    class: 'invalid',
    message: (p: { id: number }) => `VLAN tag '${p.id}' is a second one with nativeMode`,
  },
  'virtualport-of-type': {
    class: 'unsupported',
    message: (p: Type) => `<virtualport> is not for an interface of type '${p.type}'`,
  },
  'missing-parameter': {
    class: 'invalid',
    message: (p: Type & { name: string }) =>
      `the parameter '${p.name}' is missing in <virtualport> of type '${p.type}'`,
  },
  'extra-parameter': {
    class: 'invalid',
    message: (p: Type & { name: string }) =>
      `the parameter '${p.name}' is not one of <virtualport> of type '${p.type}'`,
  },
  'ignored-parameter': {
    class: 'invalid',
    severity: 'warning',
    message: (p: Type & { name: string }) =>
      `the parameter '${p.name}' is ignored: it is not one of <virtualport> of type '${p.type}'`,
  },
  'model-of-type': {
    class: 'unsupported',
    message: (p: Type & Model) => `an interface of type '${p.type}' is model 'virtio', not '${p.model}'`,
  },
  'guest-peer': {
    class: 'unsupported',
    message: (p: { peer: string }) => `the guest's side has no peer address, here '${p.peer}'`,
  },
  'filter-ignored': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: Type & { filter: string }) =>
      `filter '${p.filter}' is ignored: it is for the types 'network', 'bridge' and 'ethernet', not '${p.type}'`,
  },
  'assigned-address': {
    class: 'invalid',
    message: (p: Type) => `an assigned NIC has a PCI address, not one of type '${p.type}'`,
  },
  'bandwidth-floor': {
    class: 'unsupported',
    message: (p: Type & { way: string }) =>
      `floor is for the inbound traffic of type 'network', not for '${p.way}' of type '${p.type}'`,
  },
}));
