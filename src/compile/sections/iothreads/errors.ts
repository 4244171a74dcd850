import { defineErrors } from '../../../errors/index.ts';

export const iothreadErrors = defineErrors('iothreads', () => ({
  'repeated-id': {
    class: 'invalid',
    message: (p: { id: number }) => `the iothread id '${p.id}' is written more than once`,
  },
  'pool-without-threads': {
    class: 'invalid',
    message: (p: { max: number }) => `thread_pool_max='${p.max}' leaves a thread pool no threads`,
  },
  'pool-minimum-above-maximum': {
    class: 'invalid',
    message: (p: { min: number; max: number | undefined }) =>
      `thread_pool_min='${p.min}' is more than thread_pool_max${p.max === undefined ? ', which is not written' : `='${p.max}'`}`,
  },
  'pool-not-settable': {
    class: 'unavailable',
    message: (p: { object: string }) => `this QEMU cannot size the thread pool of '${p.object}'`,
  },
  'poll-not-settable': {
    class: 'invalid',
    message: (p: { value: bigint }) => `a polling time or factor of '${p.value}' is more than QEMU can hold`,
  },
}));
