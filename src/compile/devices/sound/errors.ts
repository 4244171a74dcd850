import { defineErrors } from '../../../errors/index.ts';

export const soundErrors = defineErrors('sound', () => ({
  'unsupported-model': {
    class: 'unsupported',
    message: (p: { model: string }) => `QEMU has no sound device of model '${p.model}'`,
    hint: () => "'ich6' and 'ich9' are its HD Audio devices",
  },
  'model-unavailable': {
    class: 'unavailable',
    message: (p: { model: string; driver: string }) =>
      `this QEMU has no sound device of model '${p.model}' (${p.driver})`,
  },
  ignored: {
    class: 'invalid',
    severity: 'warning',
    message: (p: { what: string; model: string }) =>
      `'${p.what}' is ignored: a sound device of model '${p.model}' has none`,
  },
  'no-audio': {
    class: 'invalid',
    keepable: true,
    message: (p: { model: string }) =>
      `the sound device of model '${p.model}' has no audio backend to play to`,
    hint: () => 'add an <audio> element',
  },
}));
