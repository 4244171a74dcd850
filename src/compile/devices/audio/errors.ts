import { defineErrors } from '../../../errors/index.ts';

export const audioErrors = defineErrors('audio', () => ({
  'duplicate-id': {
    class: 'invalid',
    message: (p: { id: number }) => `audio id '${p.id}' is used more than once`,
  },
  'spice-without-graphics': {
    class: 'invalid',
    message: () => "audio of type 'spice' needs <graphics type='spice'>",
  },
  'type-unavailable': {
    class: 'unavailable',
    message: (p: { type: string }) => `this QEMU has no audio backend of type '${p.type}'`,
  },
  'fixed-without-engine': {
    class: 'invalid',
    message: (p: { side: string }) => `fixedSettings='yes' of <${p.side}> needs mixingEngine='yes'`,
  },
  'settings-not-fixed': {
    class: 'invalid',
    message: (p: { side: string }) => `<settings> of <${p.side}> needs fixedSettings='yes'`,
  },
  'unknown-id': {
    class: 'invalid',
    keepable: true,
    message: (p: { id: number }) => `there is no audio backend with id '${p.id}'`,
    hint: () => 'add an <audio> element with that id',
  },
}));
