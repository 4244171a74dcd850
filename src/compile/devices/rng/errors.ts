import { defineErrors } from '../../../errors/index.ts';

export const rngErrors = defineErrors('rng', () => ({
  'missing-type': {
    class: 'invalid',
    message: (p: { model: string }) =>
      `the backend '${p.model}' of a random number generator needs the type of a character device`,
    hint: () => "for example type='unix' and a <source>",
  },
  'ignored-rate': {
    class: 'invalid',
    severity: 'warning',
    message: () => "a rate of no 'bytes' is ignored: the random number generator is not limited",
  },
  'no-source': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { model: string; path: string }) =>
      `'${p.path}' is ignored: the backend '${p.model}' of a random number generator reads no file`,
  },
  'no-character-device': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { model: string }) =>
      `the backend '${p.model}' of a random number generator has no character device: its type and source are ignored`,
  },
}));
