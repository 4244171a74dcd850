import { defineErrors } from '../../../errors/index.ts';

export const shmemErrors = defineErrors('shmem', () => ({
  'not-a-file-name': {
    class: 'invalid',
    message: (p: { name: string }) => `the name '${p.name}' of a shared memory is no file's name`,
  },
  'wrong-size': {
    class: 'invalid',
    message: (p: { sizeKiB: number }) =>
      `the size '${p.sizeKiB}' KiB of a shared memory is not a power of two of at least 1 MiB`,
  },
  'unsupported-model': {
    class: 'unsupported',
    message: (p: { model: string }) => `QEMU no longer has the shared memory device '${p.model}'`,
    hint: () => "<model type='ivshmem-plain'/>, or 'ivshmem-doorbell' with a <server>",
  },
  'server-not-used': {
    class: 'invalid',
    message: (p: { model: string }) => `a shared memory '${p.model}' takes no <server>`,
  },
  'needs-server': {
    class: 'invalid',
    message: (p: { model: string }) => `a shared memory '${p.model}' needs a <server>`,
  },
  'size-not-used': {
    class: 'invalid',
    message: (p: { model: string }) => `a shared memory '${p.model}' takes no <size>: the server decides it`,
  },
  'msi-without-server': {
    class: 'invalid',
    message: () => "a shared memory has interrupts ('msi') only with a <server>",
  },
  'ignored-role': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { role: string; model: string }) =>
      `the role '${p.role}' is ignored: QEMU is not told it for '${p.model}'`,
  },
}));
