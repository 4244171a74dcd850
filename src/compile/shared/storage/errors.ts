import { defineErrors } from '../../../errors/index.ts';

export const storageErrors = defineErrors('storage', () => ({
  'format-unsupported': {
    class: 'unsupported',
    message: (p: { format: string }) => `QEMU has no image format '${p.format}'`,
    hint: (p: { format: string }) =>
      p.format === 'dir' ? "a directory is disk type 'dir'" : "an image of unknown layout is 'raw'",
  },
  'dir-needs-fat': {
    class: 'invalid',
    message: (p: { format: string }) => `a directory is shown as format 'fat', not '${p.format}'`,
  },
  'fat-needs-dir': {
    class: 'invalid',
    message: (p: { type: string }) =>
      `format 'fat' is made from a directory, disk type 'dir', not '${p.type}'`,
  },
  'dir-needs-readonly': {
    class: 'unsupported',
    message: (p: { dir: string }) => `the directory '${p.dir}' can only be shown <readonly/>`,
  },
  'missing-name': {
    class: 'invalid',
    message: (p: { protocol: string }) => `a source of protocol '${p.protocol}' needs a 'name'`,
  },
  'bad-name': {
    class: 'invalid',
    message: (p: { protocol: string; name: string; expected: string }) =>
      `'${p.name}' is no name for protocol '${p.protocol}': expected ${p.expected}`,
  },
  'one-host': {
    class: 'invalid',
    keepable: true,
    message: (p: { protocol: string; count: number }) =>
      `protocol '${p.protocol}' takes exactly one host, not '${p.count}'`,
  },
  'missing-host': {
    class: 'invalid',
    message: (p: { protocol: string }) => `protocol '${p.protocol}' needs a host`,
  },
  'incomplete-host': {
    class: 'invalid',
    message: (p: { transport: string; attribute: string }) =>
      `a host reached by '${p.transport}' needs the attribute '${p.attribute}'`,
  },
  'transport-unsupported': {
    class: 'unsupported',
    keepable: true,
    message: (p: { protocol: string; transport: string }) =>
      `protocol '${p.protocol}' does not go over '${p.transport}'`,
  },
  'port-range': {
    class: 'invalid',
    message: (p: { port: number }) => `port '${p.port}' is not from 1 to 65535`,
  },
  'port-given': {
    class: 'invalid',
    message: (p: { protocol: string; port: number }) =>
      `protocol '${p.protocol}' takes no port, here '${p.port}'`,
  },
  'tls-unsupported': {
    class: 'unsupported',
    keepable: true,
    message: (p: { protocol: string }) => `protocol '${p.protocol}' does not go over TLS by itself`,
  },
  'tls-hostname-unsupported': {
    class: 'invalid',
    message: (p: { protocol: string }) => `'tlsHostname' is for protocol 'nbd', not for '${p.protocol}'`,
  },
  'driver-unavailable': {
    class: 'unavailable',
    message: (p: { driver: string }) => `this QEMU has no block driver '${p.driver}'`,
  },
  'option-unavailable': {
    class: 'unavailable',
    message: (p: { what: string }) => `this QEMU does not know '${p.what}'`,
  },
  'protocol-gone': {
    class: 'unsupported',
    keepable: true,
    message: (p: { protocol: string }) => `protocol '${p.protocol}' is no longer in any QEMU`,
  },
  'secret-type': {
    class: 'invalid',
    message: (p: { type: string; expected: string }) =>
      `a secret of type '${p.type}' is not for this: expected '${p.expected}'`,
  },
  'secret-reference': {
    class: 'invalid',
    message: (p: { type: string }) => `a secret of type '${p.type}' needs either 'uuid' or 'usage'`,
  },
  'auth-without-secret': {
    class: 'invalid',
    message: (p: { username: string }) => `<auth> of '${p.username}' has no <secret>`,
  },
  'auth-unsupported': {
    class: 'invalid',
    message: (p: { protocol: string }) => `protocol '${p.protocol}' has no authentication`,
  },
  'encryption-gone': {
    class: 'unsupported',
    message: (p: { format: string }) => `encryption '${p.format}' is no longer supported`,
    hint: () => "use 'luks'",
  },
  'encryption-engine': {
    class: 'invalid',
    message: (p: { format: string; engine: string }) =>
      `encryption '${p.format}' cannot be done by engine '${p.engine}'`,
    hint: () => "'qemu' does 'luks'; 'librbd' does 'luks', 'luks2' and 'luks-any' of RBD images",
  },
  'engine-needs-rbd': {
    class: 'invalid',
    message: () => "the encryption engine 'librbd' is for protocol 'rbd' only",
  },
  'encrypted-format': {
    class: 'unsupported',
    message: (p: { format: string }) => `an encrypted image is 'raw' or 'qcow2', not '${p.format}'`,
  },
  'encryption-secrets': {
    class: 'invalid',
    message: (p: { format: string; count: number }) =>
      `encryption '${p.format}' needs exactly one <secret>, not '${p.count}'`,
  },
  'encryption-layout': {
    class: 'invalid',
    message: (p: { what: string }) =>
      `<${p.what}> is for making an image, and an existing one says it itself`,
  },
  'data-store-format': {
    class: 'invalid',
    message: (p: { format: string }) => `a data file holds 'raw' data, not '${p.format}'`,
  },
  'data-store-owner': {
    class: 'invalid',
    message: (p: { format: string }) => `only a 'qcow2' image has a data file, not '${p.format}'`,
  },
  'metadata-cache-owner': {
    class: 'invalid',
    message: (p: { format: string }) => `only a 'qcow2' image has a metadata cache, not '${p.format}'`,
  },
  'volume-unknown': {
    class: 'not-found',
    keepable: true,
    message: (p: { pool: string; volume: string }) => `volume '${p.volume}' of pool '${p.pool}' is not known`,
    hint: () => "storage pools are libvirt's: name the file or device with type 'file', 'block' or 'network'",
  },
  'volume-unusable': {
    class: 'unavailable',
    message: (p: { pool: string; volume: string; reason: string }) =>
      `volume '${p.volume}' of pool '${p.pool}': ${p.reason}`,
  },
  'direct-needs-iscsi': {
    class: 'invalid',
    message: (p: { pool: string }) => `mode 'direct' needs an iSCSI pool, which '${p.pool}' is not`,
  },
  'missing-format': {
    class: 'invalid',
    message: (p: { element: string }) => `<${p.element}> needs a <format>`,
  },
  'untyped-backing-store': {
    class: 'invalid',
    severity: 'warning',
    message: () => "<backingStore> without a 'type' ends the chain: what stands in it is ignored",
  },
  'no-backing': {
    class: 'invalid',
    keepable: true,
    message: (p: { format: string }) => `an image of format '${p.format}' has no backing image`,
  },
  'missing-backing-source': {
    class: 'invalid',
    message: () => '<backingStore> names no source of the backing image',
    hint: () => 'an empty <backingStore/> ends the chain',
  },
  'discard-no-unref-owner': {
    class: 'invalid',
    message: (p: { format: string }) => `only a 'qcow2' image has discard_no_unref, not '${p.format}'`,
  },
  'backing-type': {
    class: 'unsupported',
    keepable: true,
    message: (p: { type: string }) => `storage of type '${p.type}' cannot be part of a chain of images`,
  },
  'reconnect-timeout': {
    class: 'invalid',
    keepable: true,
    message: () => "<reconnect enabled='yes'> needs a 'timeout' in seconds",
  },
  'bad-cookie': {
    class: 'invalid',
    message: (p: { name: string }) => `cookie '${p.name}' has characters that no cookie can have`,
  },
  'reservations-path': {
    class: 'invalid',
    message: () => "reservations that are not managed='yes' need a <source path>",
  },
  'nfs-identity': {
    class: 'unsupported',
    keepable: true,
    message: (p: { what: string; id: string }) => `NFS ${p.what} '${p.id}' is not a number`,
    hint: () => "write the number as '+1000': names are not looked up",
  },
  'reservations-mode': {
    class: 'invalid',
    message: (p: { mode: string }) => `the reservations' socket is connected to as 'client', not '${p.mode}'`,
  },
}));
