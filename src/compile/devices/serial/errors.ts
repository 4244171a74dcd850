import { defineErrors } from '../../../errors/index.ts';

export const serialErrors = defineErrors('serial', () => ({
  'foreign-target': {
    class: 'unsupported',
    message: (p: { type: string; model: string }) =>
      `a serial port with target type '${p.type}'${p.model && ` and model '${p.model}'`} does not exist on x86 machines`,
    hint: () => "x86 has 'isa-serial', 'pci-serial', 'usb-serial' and 'isa-debug'",
  },
  'wrong-model': {
    class: 'invalid',
    message: (p: { type: string; model: string; needs: string }) =>
      `target model '${p.model}' needs target type '${p.needs}', not '${p.type}'`,
  },
  'wrong-address': {
    class: 'invalid',
    message: (p: { type: string; address: string; needs: string }) =>
      `a serial port with target type '${p.type}' needs an address of type '${p.needs}', not '${p.address}'`,
  },
  'shared-port': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { port: number }) =>
      `serial target port '${p.port}' is used twice: QEMU puts both at one place`,
  },
  'too-many': {
    class: 'unsupported',
    keepable: true,
    message: (p: { port: number; ports: number }) =>
      `serial target port '${p.port}' is beyond the '${p.ports}' ISA serial ports that there can be`,
    hint: () => "<target type='pci-serial'/> and 'usb-serial' are not counted",
  },
}));
