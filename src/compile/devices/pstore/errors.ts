import { defineErrors } from '../../../errors/index.ts';

export const pstoreErrors = defineErrors('pstore', () => ({
  'wrong-size': {
    class: 'invalid',
    message: (p: { sizeKiB: number }) =>
      `the size '${p.sizeKiB}' KiB of a pstore is not a power of two of at least 8 KiB`,
  },
  'more-than-one': { class: 'invalid', message: () => 'a domain has at most one pstore' },
}));
