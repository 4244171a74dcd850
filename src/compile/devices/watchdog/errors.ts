import { defineErrors } from '../../../errors/index.ts';

export const watchdogErrors = defineErrors('watchdog', () => ({
  'not-on-machine': {
    class: 'unsupported',
    message: (p: { model: string }) => `this machine type has no watchdog of the model '${p.model}'`,
    hint: () => "'i6300esb' is for every machine with PCI, 'ib700' for pc, 'itco' a part of q35",
  },
  'more-than-one': {
    class: 'invalid',
    message: (p: { model: string }) => `a domain has at most one watchdog of the model '${p.model}'`,
  },
  'different-actions': {
    class: 'unsupported',
    message: (p: { one: string; other: string }) =>
      `watchdogs with different actions ('${p.one}' and '${p.other}') are not supported: QEMU has one action for all`,
  },
  'dump-by-hand': {
    class: 'not-implemented',
    severity: 'warning',
    message: (p: { action: string }) =>
      `nobody takes the dump of the action '${p.action}': the machine pauses when the watchdog fires`,
  },
  'no-address': {
    class: 'invalid',
    message: (p: { model: string }) => `a watchdog of the model '${p.model}' has no address to choose`,
  },
}));
