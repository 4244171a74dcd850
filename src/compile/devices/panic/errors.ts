import { defineErrors } from '../../../errors/index.ts';

export const panicErrors = defineErrors('panic', () => ({
  'unsupported-model': {
    class: 'unsupported',
    message: (p: { model: string }) => `the panic device '${p.model}' is for another architecture`,
  },
  'more-than-one': {
    class: 'invalid',
    message: (p: { model: string }) => `a domain has at most one panic device of the model '${p.model}'`,
  },
  'wrong-address': {
    class: 'invalid',
    message: (p: { model: string; type: string }) =>
      `a panic device of the model '${p.model}' cannot have an address of the type '${p.type}'`,
  },
}));
