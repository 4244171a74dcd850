import { defineErrors } from '../../../errors/index.ts';

export const smartcardErrors = defineErrors('smartcard', () => ({
  'more-than-one': {
    class: 'unsupported',
    message: () => 'QEMU has one smartcard reader slot, and this is a second smartcard',
  },
  'target-ignored': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { element: string }) => `<${p.element}> is ignored: a smartcard has one place, its address`,
  },
  'certificate-count': {
    class: 'invalid',
    message: (p: { count: number }) =>
      `mode 'host-certificates' needs exactly three certificates, and there are '${p.count}'`,
  },
}));
