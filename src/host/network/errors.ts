import { defineErrors } from '../../errors/index.ts';

type Nic = { readonly device: string };

/** What can be wrong with the links of a NIC and with what is done to them. */
export const networkErrors = defineErrors('network', () => ({
  'not-a-tap': {
    class: 'conflict',
    message: (p: Nic & { link: string }) =>
      `'${p.link}', named as the tap of interface '${p.device}', is there and is no tap`,
    hint: () => "give another <target dev='…'/>, or none",
  },
  'tap-queues': {
    class: 'conflict',
    message: (p: Nic & { link: string; queues: number }) =>
      `tap '${p.link}' of interface '${p.device}' was made for ${p.queues > 1 ? 'one queue' : 'several queues'}, and the interface has ${p.queues}`,
    hint: (p) =>
      `ip tuntap delete dev ${p.link} mode tap && ip tuntap add dev ${p.link} mode tap${p.queues > 1 ? ' multi_queue' : ''}`,
  },
  'no-port-type': {
    class: 'unsupported',
    message: (p: Nic & { type: string; reason: string }) =>
      `virtualport '${p.type}' of interface '${p.device}' cannot be had: ${p.reason}`,
    hint: () =>
      'take <virtualport> out and connect the interface to a bridge, a switch of Open vSwitch, or a virtual function',
  },
  'network-inactive': {
    class: 'unavailable',
    message: (p: Nic & { network: string }) =>
      `the virtual network '${p.network}' of interface '${p.device}' has not been started`,
    hint: (p) => `qdom net-start ${p.network}`,
  },
  'no-backend': {
    class: 'unavailable',
    message: (p: Nic & { path: string }) =>
      `nothing listens at '${p.path}', to which interface '${p.device}' is to connect`,
    hint: () => "start the switch first, or give <reconnect enabled='yes' timeout='…'/>",
  },
  'port-in-use': {
    class: 'conflict',
    message: (p: { device: string; protocol: 'tcp' | 'udp'; address: string; port: number }) =>
      `the ${p.protocol.toUpperCase()} port '${p.address}:${p.port}', at which '${p.device}' is to listen, is another program's`,
    hint: (p) =>
      `give another port, or end the program: ss -lnp${p.protocol[0]} 'sport = :${p.port}' names it`,
  },
  'mtu-too-large': {
    class: 'unavailable',
    message: (p: Nic & { mtu: number; link: string; most: number }) =>
      `the MTU '${p.mtu}' of interface '${p.device}' is more than '${p.link}' below it has, which is ${p.most}`,
    hint: (p) => `ip link set dev ${p.link} mtu ${p.mtu}, or give <mtu size='${p.most}'/>`,
  },
  'no-floor': {
    class: 'unavailable',
    message: (p: Nic & { floor: number }) =>
      `interface '${p.device}' is to have ${p.floor} kilobytes a second for sure (floor), and its network shares no bandwidth out`,
    hint: () =>
      "that needs a virtual network with a bridge of its own (no <forward>, nat, route, open) and <bandwidth><inbound average='…'/>",
  },
  'floor-too-high': {
    class: 'conflict',
    message: (p: Nic & { bridge: string; floor: number; others: number; average: number }) =>
      `interface '${p.device}' cannot have its floor: ${p.floor} kilobytes a second for this machine and ${p.others} for others are more than the ${p.average} of '${p.bridge}'`,
    hint: () => "give it a lower floor, or the network's <bandwidth><inbound/> a higher average",
  },
  'subnet-in-use': {
    class: 'conflict',
    message: (p: { network: string; subnet: string; link: string }) =>
      `the addresses '${p.subnet}' of the virtual network '${p.network}' are reached by '${p.link}' already, which its bridge would take away from the host`,
    hint: () => "give the network another <ip address='…'/>; ip route shows those that are in use",
  },
  'no-switch': {
    class: 'unavailable',
    message: (p: Nic & { bridge: string }) =>
      `bridge '${p.bridge}' of interface '${p.device}' is none of Open vSwitch, or that does not run`,
    hint: (p) => `ovs-vsctl add-br ${p.bridge}`,
  },
  'has-qdisc': {
    class: 'conflict',
    message: (p: Nic & { link: string; kind: string }) =>
      `<bandwidth> of interface '${p.device}' would replace the queueing discipline '${p.kind}' that '${p.link}' has`,
    hint: (p) => `take it away (tc qdisc del dev ${p.link} …), or leave <bandwidth> out`,
  },
}));
