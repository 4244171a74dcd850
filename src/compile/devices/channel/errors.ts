import { defineErrors } from '../../../errors/index.ts';

export const channelErrors = defineErrors('channel', () => ({
  'unsupported-target': {
    class: 'unsupported',
    message: (p: { type: string }) => `QEMU has no channel with target type '${p.type}'`,
    hint: () => "use 'virtio' or 'guestfwd'",
  },
  ignored: {
    class: 'invalid',
    severity: 'warning',
    message: (p: { what: string; type: string }) =>
      `${p.what} is ignored: a channel with target type '${p.type}' has none`,
  },
  'guestfwd-address': {
    class: 'invalid',
    message: () => "a channel with target type 'guestfwd' needs the attribute 'address' of <target>",
  },
  'guestfwd-port': {
    class: 'invalid',
    message: () => "a channel with target type 'guestfwd' needs the attribute 'port' of <target>",
  },
  'guestfwd-not-ipv4': {
    class: 'invalid',
    message: (p: { address: string }) => `the guestfwd address '${p.address}' is no IPv4 address`,
  },
  'spicevmc-not-virtio': {
    class: 'invalid',
    message: (p: { type: string }) =>
      `a channel of type 'spicevmc' needs target type 'virtio', not '${p.type}'`,
  },
  'spicevmc-name': {
    class: 'unsupported',
    keepable: true,
    message: (p: { name: string }) =>
      `a channel of type 'spicevmc' cannot be called '${p.name}': the agent looks for 'com.redhat.spice.0'`,
  },
}));
