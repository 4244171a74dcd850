import { defineErrors } from '../../../errors/index.ts';

export const memballoonErrors = defineErrors('memballoon', () => ({
  'more-than-one': { class: 'invalid', message: () => 'a domain has at most one memory balloon' },
  'unsupported-model': {
    class: 'unsupported',
    message: (p: { model: string }) => `QEMU has no memory balloon of the model '${p.model}'`,
  },
  'ignored-address': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { model: string }) =>
      `the address is ignored: a memory balloon of the model '${p.model}' is no device`,
  },
}));
