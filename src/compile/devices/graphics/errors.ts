import { defineErrors } from '../../../errors/index.ts';

export const graphicsErrors = defineErrors('graphics', () => ({
  'unsupported-type': {
    class: 'unsupported',
    message: (p: { type: string }) => `QEMU has no graphics of type '${p.type}'`,
  },
  'type-unavailable': {
    class: 'unavailable',
    message: (p: { type: string }) => `this QEMU has no graphics of type '${p.type}'`,
    hint: () => 'install the QEMU module that brings it, or use vnc',
  },
  'duplicate-type': {
    class: 'invalid',
    keepable: true,
    message: (p: { type: string }) => `there is more than one <graphics type='${p.type}'>`,
  },
  'not-an-address': {
    class: 'invalid',
    message: (p: { type: string; address: string }) =>
      `'${p.address}' is neither an IP address nor a host's name for '${p.type}' to listen on`,
  },
  'other-listen': {
    class: 'invalid',
    message: (p: { attribute: string; address: string }) =>
      `attribute listen='${p.attribute}' and address '${p.address}' of the first <listen> must be the same`,
  },
  'other-socket': {
    class: 'invalid',
    message: (p: { attribute: string; socket: string }) =>
      `attribute socket='${p.attribute}' and socket '${p.socket}' of the first <listen> must be the same`,
  },
  'no-secure-connection': {
    class: 'invalid',
    keepable: true,
    message: (p: { what: string }) => `${p.what} is to be encrypted, and the SPICE server has no TLS port`,
  },
  'network-missing': {
    class: 'invalid',
    message: () => "<listen type='network'> needs the attribute 'network'",
  },
  'unknown-network': {
    class: 'unavailable',
    message: (p: { network: string }) => `the network '${p.network}' to listen on has no IPv4 address here`,
  },
  'network-elsewhere': {
    class: 'invalid',
    message: (p: { type: string }) => `'network' belongs to <listen type='network'>, not to type '${p.type}'`,
  },
  'socket-elsewhere': {
    class: 'invalid',
    message: (p: { type: string }) => `'socket' belongs to <listen type='socket'>, not to type '${p.type}'`,
  },
  'several-listens': {
    class: 'unsupported',
    keepable: true,
    message: (p: { type: string; count: number }) =>
      `QEMU's '${p.type}' listens at one place, and the domain names '${p.count}'`,
  },
  'vnc-port': {
    class: 'invalid',
    keepable: true,
    message: (p: { port: string }) => `the VNC port '${p.port}' is not from 5900 to 65535`,
    hint: () => "give a port of that range, or autoport='yes'",
  },
  'vnc-password-length': {
    class: 'invalid',
    message: (p: { length: number }) => `the VNC password has '${p.length}' characters, and VNC knows 8`,
  },
  'vnc-connected': {
    class: 'unsupported',
    message: (p: { connected: string }) => `VNC has connected='keep' only, not '${p.connected}'`,
  },
  'no-secure-port': {
    class: 'invalid',
    keepable: true,
    message: () => "defaultMode 'secure' needs a 'tlsPort'",
  },
  'no-plain-port': {
    class: 'invalid',
    keepable: true,
    message: () => "defaultMode 'insecure' needs a 'port'",
  },
  'several-gl': {
    class: 'unsupported',
    message: (p: { type: string }) => `'egl-headless' and OpenGL of '${p.type}' exclude each other`,
  },
  'own-socket': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { socket: string }) =>
      `the socket '${p.socket}' is in the directory where sockets are chosen at each start: VNC listens at an address`,
  },
  'no-audio': {
    class: 'invalid',
    keepable: true,
    message: (p: { type: string }) =>
      `graphics of type '${p.type}' has no audio backend: none is implied where the last graphics is a window`,
    hint: () => "add an <audio> element, such as <audio id='1' type='none'/>",
  },
  'gl-over-network': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { type: string }) =>
      `OpenGL of SPICE works only locally: QEMU may refuse it with <listen type='${p.type}'>`,
    hint: () => "listen on type 'socket' or 'none', or add <graphics type='egl-headless'/> in its place",
  },
  'no-render-node': {
    class: 'unavailable',
    message: () => 'OpenGL needs a render node (/dev/dri/renderD*), and this host has none',
    hint: () => "name one: <gl rendernode='…'/>",
  },
  'egl-headless-alone': {
    class: 'invalid',
    message: (p: { type: string }) => `'egl-headless' goes with vnc or spice, not with '${p.type}'`,
  },
  'p2p-with-address': {
    class: 'invalid',
    message: (p: { address: string }) => `D-Bus graphics with p2p='yes' have no address '${p.address}'`,
  },
  'dbus-audio': {
    class: 'invalid',
    message: (p: { type: string }) => `D-Bus graphics need an audio backend of type 'dbus', not '${p.type}'`,
  },
  'rdp-without-dbus': {
    class: 'invalid',
    message: () => "graphics of type 'rdp' need <graphics type='dbus'/> that is not p2p='yes'",
  },
  'rdp-unavailable': {
    class: 'unavailable',
    message: () => "graphics of type 'rdp' need the program qemu-rdp, which is not installed",
  },
  'rdp-server': {
    class: 'not-implemented',
    message: () => 'the RDP server (qemu-rdp) is not started yet',
  },
}));
