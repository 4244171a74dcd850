import { defineErrors } from '../../../errors/index.ts';

export const placeErrors = defineErrors('address', () => ({
  'no-pci': {
    class: 'invalid',
    message: (p: { machine: string; kind: string }) =>
      `the machine type '${p.machine}' has no PCI bus for this <${p.kind}>`,
  },
  'pci-in-use': {
    class: 'invalid',
    message: (p: { address: string }) => `the PCI address '${p.address}' is in use`,
    hint: () => 'leave the address out and a free one is chosen',
  },
  'no-such-bus': {
    class: 'invalid',
    message: (p: { address: string; bus: number }) =>
      `there is no PCI controller with the index '${p.bus}' for the address '${p.address}', and none can be added`,
  },
  'slot-out-of-range': {
    class: 'invalid',
    message: (p: { address: string; model: string; first: number; last: number }) =>
      p.first === p.last
        ? `the PCI address '${p.address}' is on a '${p.model}', which has only the slot ${p.first}`
        : `the PCI address '${p.address}' is on a '${p.model}', which has the slots ${p.first} to ${p.last}`,
  },
  'wrong-bus': {
    class: 'invalid',
    message: (p: { address: string; what: string; bus: number; model: string }) =>
      `${p.what} at the PCI address '${p.address}' cannot be plugged into the PCI controller with the index '${p.bus}', a '${p.model}'`,
  },
  'not-integrated': {
    class: 'invalid',
    message: (p: { address: string }) =>
      `the device at the PCI address '${p.address}' is a part of the root complex: it must be on bus 0`,
  },
  'bus-behind-itself': {
    class: 'invalid',
    message: (p: { index: number; bus: number }) =>
      `the PCI controller with the index '${p.index}' sits on the bus '0x${p.bus.toString(16).padStart(2, '0')}', but an index must be larger than its bus`,
  },
  'no-bus-number': {
    class: 'invalid',
    message: (p: { index: number }) =>
      `no bus number is left below the lowest that is written for the expander bus with the index '${p.index}'`,
    hint: () => "write its <target busNr='…'/>",
  },
  'pci-domain': {
    class: 'invalid',
    message: (p: { domain: number }) => `the PCI domain '${p.domain}' is not 0, the only one of this machine`,
  },
  'pci-full': {
    class: 'invalid',
    message: (p: { what: string }) =>
      `a PCI slot is needed for ${p.what}, but none is free and none can be added`,
  },
  'other-chipset': {
    class: 'invalid',
    message: (p: { what: string; address: string }) =>
      `${p.what} at '${p.address}' is a part of another chipset than this machine's`,
    hint: () => 'without its address, or with another model, it is put where there is room',
  },
  'chipset-address': {
    class: 'invalid',
    message: (p: { what: string; address: string; fixed: string }) =>
      `${p.what} is a part of the chipset at '${p.fixed}', not at '${p.address}'`,
  },
  'serial-port-in-use': {
    class: 'invalid',
    message: (p: { controller: number; port: number }) =>
      `port '${p.port}' of the virtio-serial controller '${p.controller}' is in use`,
  },
  'serial-port-out-of-range': {
    class: 'invalid',
    message: (p: { controller: number; port: number; last: number }) =>
      `the virtio-serial controller '${p.controller}' has no port '${p.port}': its last is ${p.last}`,
  },
  'serial-ports-full': {
    class: 'invalid',
    message: (p: { controller: number }) => `the virtio-serial controller '${p.controller}' has no free port`,
  },
  'smartcard-slot': {
    class: 'invalid',
    message: (p: { controller: number; slot: number }) =>
      `slot '${p.slot}' of the smartcard reader '${p.controller}' is in use or does not exist: there is slot 0 of reader 0 only`,
  },
  'usb-disabled': {
    class: 'invalid',
    message: (p: { kind: string }) =>
      `this <${p.kind}> is a USB device, and the controller with model='none' turns USB off`,
  },
  'no-usb-bus': {
    class: 'invalid',
    message: (p: { bus: number }) => `there is no USB controller with the index '${p.bus}'`,
  },
  'no-usb-port': {
    class: 'invalid',
    message: (p: { bus: number; port: string }) => `the USB bus '${p.bus}' has no port '${p.port}'`,
  },
  'no-usb-hub': {
    class: 'invalid',
    message: (p: { bus: number; port: string; hub: string }) =>
      `there is no hub at port '${p.hub}' of the USB bus '${p.bus}', so that there is no port '${p.port}'`,
  },
  'usb-port-in-use': {
    class: 'invalid',
    message: (p: { bus: number; port: string }) => `port '${p.port}' of the USB bus '${p.bus}' is in use`,
  },
  'usb-full': {
    class: 'invalid',
    message: () => 'no USB port is free for this device',
  },
  'controller-too-far': {
    class: 'invalid',
    message: (p: { bus: string; controller: number }) =>
      `the address names the '${p.bus}' controller '${p.controller}', which would take as many controllers`,
  },
  'foreign-address': {
    class: 'unsupported',
    message: (p: { kind: string; type: string; machine: string }) =>
      `this <${p.kind}> has an address of the type '${p.type}', which the machine '${p.machine}' has not for it`,
  },
  'wrong-address-type': {
    class: 'invalid',
    message: (p: { kind: string; wanted: string; type: string }) =>
      `this <${p.kind}> needs an address of the type '${p.wanted}', not '${p.type}'`,
  },
}));
