import { defineErrors } from '../../../errors/index.ts';

export const memoryErrors = defineErrors('memory', () => ({
  'missing-size': {
    class: 'invalid',
    message: () => 'the domain has neither <memory> nor NUMA cells with memory',
  },
  'maximum-below-size': {
    class: 'invalid',
    message: (p: { maximumKiB: number; sizeKiB: number }) =>
      `<maxMemory> is '${p.maximumKiB}' KiB, less than the '${p.sizeKiB}' KiB that the domain has at once`,
  },
  'slots-without-maximum': {
    class: 'invalid',
    message: (p: { slots: number }) => `'${p.slots}' memory slots need the size of <maxMemory>`,
  },
}));
