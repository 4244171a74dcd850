import { defineErrors } from '../../../errors/index.ts';

export const chardevErrors = defineErrors('chardev', () => ({
  'ignored-source': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { name: string; type: string }) =>
      `'${p.name}' of <source> is ignored: it says nothing for a character device of type '${p.type}'`,
  },
  'ignored-protocol': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { protocol: string; type: string }) =>
      `protocol '${p.protocol}' is ignored: only a character device of type 'tcp' has one, not '${p.type}'`,
  },
  'log-without-file': {
    class: 'invalid',
    severity: 'warning',
    message: () => "<log> is ignored: it has no 'file'",
  },
  'missing-source': {
    class: 'invalid',
    message: (p: { name: string; type: string }) =>
      `a character device of type '${p.type}' needs the attribute '${p.name}' of <source>`,
  },
  'channel-name': {
    class: 'invalid',
    message: (p: { channel: string }) =>
      `the channel '${p.channel}' of <source> is no channel's name: letters, digits, '-', '.' and '_' make one`,
  },
  'several-sources': {
    class: 'invalid',
    message: (p: { type: string; most: number }) =>
      `a character device of type '${p.type}' has more than ${p.most} <source>`,
    hint: () => "only type 'udp' has two: one with mode='bind', one with mode='connect'",
  },
  'reconnect-of-server': {
    class: 'invalid',
    message: () => "<reconnect> needs mode='connect': a server ('bind') waits for its clients",
  },
  'reconnect-without-timeout': {
    class: 'invalid',
    message: () => "<reconnect enabled='yes'> needs the attribute 'timeout'",
  },
  'reconnect-timeout-zero': {
    class: 'invalid',
    message: () => "the timeout of <reconnect> cannot be '0' seconds",
  },
  'unsupported-protocol': {
    class: 'unsupported',
    message: (p: { protocol: string }) => `QEMU has no protocol '${p.protocol}' for a character device`,
    hint: () => "use 'raw' or 'telnet'; <source tls='yes'> encrypts it",
  },
  'unsupported-type': {
    class: 'unsupported',
    keepable: true,
    message: (p: { type: string }) => `character devices of type '${p.type}' do not exist on Linux`,
  },
  'spicevmc-elsewhere': {
    class: 'invalid',
    message: () =>
      "a character device of type 'spicevmc' belongs to a virtio channel, a redirected device or a smartcard",
  },
  'needs-spice': {
    class: 'invalid',
    message: (p: { type: string }) => `a character device of type '${p.type}' needs <graphics type='spice'>`,
  },
  'type-unavailable': {
    class: 'unavailable',
    keepable: true,
    message: (p: { type: string }) => `this QEMU has no character devices of type '${p.type}'`,
  },
}));
