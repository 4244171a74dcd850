import { defineErrors } from '../../../errors/index.ts';

export const tpmErrors = defineErrors('tpm', () => ({
  'unsupported-model': {
    class: 'unsupported',
    message: (p: { model: string }) => `x86 machines have no TPM of model '${p.model}'`,
    hint: () => "use 'tpm-tis' or 'tpm-crb'",
  },
  'model-unavailable': {
    class: 'unavailable',
    message: (p: { model: string }) => `this QEMU has no TPM of model '${p.model}'`,
  },
  'backend-unavailable': {
    class: 'unavailable',
    message: (p: { type: string }) => `this QEMU has no TPM backend of type '${p.type}'`,
  },
  several: {
    class: 'invalid',
    message: () => 'a domain has one TPM, and this is a further one',
  },
  'crb-needs-2': {
    class: 'invalid',
    message: (p: { version: string }) => `model 'tpm-crb' needs TPM version '2.0', not '${p.version}'`,
  },
  'needs-2': {
    class: 'invalid',
    message: (p: { what: string; version: string }) =>
      `<${p.what}> needs TPM version '2.0', not '${p.version}'`,
  },
  'source-path': {
    class: 'invalid',
    message: (p: { type: string }) =>
      `<source> of a TPM backend of type '${p.type}' needs the attribute 'path'`,
  },
  'source-without-type': {
    class: 'invalid',
    severity: 'warning',
    message: () => "<source> of the TPM emulator is ignored: it has no 'type' ('file' or 'dir')",
  },
  'external-source': {
    class: 'invalid',
    message: () => "a TPM backend of type 'external' needs <source type='unix' path='…'>",
  },
  'external-mode': {
    class: 'unsupported',
    message: (p: { mode: string }) => `an external TPM is connected to: mode 'connect', not '${p.mode}'`,
  },
}));
