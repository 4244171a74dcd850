import { defineErrors } from '../../../errors/index.ts';

export const inputErrors = defineErrors('input', () => ({
  'unsupported-bus': {
    class: 'unsupported',
    message: (p: { bus: string }) => `QEMU has no input devices on the bus '${p.bus}'`,
  },
  'not-on-bus': {
    class: 'invalid',
    message: (p: { type: string; bus: string }) =>
      `there is no input device of the type '${p.type}' for the bus '${p.bus}'`,
  },
  'bus-of-evdev': {
    class: 'invalid',
    message: (p: { type: string; bus: string }) =>
      `an input device of the type '${p.type}' is on no bus, and so not on '${p.bus}'`,
  },
  'no-ps2': {
    class: 'unsupported',
    message: (p: { machine: string }) =>
      `the machine type '${p.machine}' has no sockets for input devices on the bus 'ps2'`,
  },
  'ps2-off': {
    class: 'invalid',
    message: () => "an input device is on the bus 'ps2', and the feature 'ps2' is off",
  },
  'missing-event-device': {
    class: 'invalid',
    message: (p: { type: string; name: string }) =>
      `an input device of the type '${p.type}' needs a <source> with the attribute '${p.name}'`,
  },
  'ignored-source': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { type: string }) =>
      `<source> is ignored: an input device of the type '${p.type}' has none on the host`,
  },
  'unsupported-model': {
    class: 'unsupported',
    message: (p: { model: string; type: string }) =>
      `QEMU has no '${p.type}' of the virtio model '${p.model}', it always speaks modern virtio`,
  },
  'model-needs-virtio': {
    class: 'invalid',
    message: (p: { model: string; bus: string }) =>
      `the model '${p.model}' is for input devices on the bus 'virtio', and this one is on '${p.bus}'`,
  },
  'ignored-option': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { option: string }) =>
      `'${p.option}' of <driver> is ignored: the input device is not on the bus 'virtio'`,
  },
  'not-usb': {
    class: 'invalid',
    message: (p: { type: string }) =>
      `an input device on the bus 'usb' cannot have an address of the type '${p.type}'`,
  },
  'ignored-address': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { type: string }) =>
      `the address of the type '${p.type}' is ignored: the input device sits nowhere that could be chosen`,
  },
}));
