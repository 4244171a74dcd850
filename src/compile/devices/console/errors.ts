import { defineErrors } from '../../../errors/index.ts';

export const consoleErrors = defineErrors('console', () => ({
  'unsupported-target': {
    class: 'unsupported',
    message: (p: { type: string }) => `QEMU's x86 machines have no console with target type '${p.type}'`,
    hint: () => "use 'serial' or 'virtio'",
  },
  'serial-not-first': {
    class: 'invalid',
    message: (p: { type: string }) =>
      `only the first console can have target type '${p.type}': it is the first serial port`,
    hint: () => "give this one <target type='virtio'/>",
  },
  'type-of-serial': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { type: string; serial: string }) =>
      `console type '${p.type}' is ignored: the first console is the first serial port, which has '${p.serial}'`,
  },
  'wrong-address': {
    class: 'invalid',
    keepable: true,
    message: (p: { address: string }) =>
      `a virtio console needs an address of type 'virtio-serial', not '${p.address}'`,
  },
}));
