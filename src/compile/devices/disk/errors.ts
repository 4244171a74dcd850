import { defineErrors } from '../../../errors/index.ts';

const list = (words: readonly string[]) => words.map((w) => `'${w}'`).join(', ');

export const diskErrors = defineErrors('disk', () => ({
  'left-out': {
    class: 'unavailable',
    severity: 'warning',
    message: (p: { dev: string; image: string }) =>
      `disk '${p.dev}' starts without its image, as startupPolicy='optional' allows: '${p.image}' is not there`,
  },
  'unknown-target': {
    class: 'invalid',
    message: (p: { dev: string }) => `disk target '${p.dev}' is no name of a disk`,
    hint: () =>
      "'vda' is the first virtio disk, 'sdb' the second on SCSI, SATA or USB, 'hda' IDE, 'fda' floppy",
  },
  'target-of-device': {
    class: 'invalid',
    message: (p: { dev: string; device: string }) =>
      `disk target '${p.dev}' is no name for device '${p.device}'`,
    hint: () => "floppy drives are 'fda' and 'fdb', and nothing else is",
  },
  'partition-target': {
    class: 'invalid',
    message: (p: { dev: string }) => `disk target '${p.dev}' names a partition`,
    hint: (p: { dev: string }) => `a disk is '${p.dev.replace(/[0-9]+$/, '')}'`,
  },
  'duplicate-target': {
    class: 'invalid',
    message: (p: { dev: string }) => `two disks have the target '${p.dev}'`,
  },
  'bus-unsupported': {
    class: 'unsupported',
    message: (p: { bus: string; dev: string }) => `bus '${p.bus}' of disk '${p.dev}' is not QEMU's`,
  },
  'wrong-bus': {
    class: 'invalid',
    message: (p: { device: string; bus: string; dev: string }) =>
      `device '${p.device}' of disk '${p.dev}' cannot be on bus '${p.bus}'`,
  },
  'wrong-address': {
    class: 'invalid',
    message: (p: { type: string; dev: string; bus: string }) =>
      `address type '${p.type}' is not for disk '${p.dev}' on bus '${p.bus}'`,
  },
  'address-part': {
    class: 'invalid',
    message: (p: { part: string; value: number; dev: string; bus: string; model: string | undefined }) =>
      `'${p.part}' of the address of disk '${p.dev}' is '${p.value}': on bus '${p.bus}' of ${p.model === undefined ? 'its controller' : `a controller of model '${p.model}'`} it is 0`,
  },
  'duplicate-address': {
    class: 'invalid',
    message: (p: DriveAddress & { dev: string }) =>
      `disk '${p.dev}' shares its address with another: ${at(p)}`,
  },
  'hostdev-address': {
    class: 'invalid',
    message: (p: DriveAddress & { dev: string }) =>
      `disk '${p.dev}' shares its address with a SCSI host device: ${at(p)}`,
  },
  'only-for-bus': {
    class: 'invalid',
    message: (p: { what: string; bus: string; allowed: readonly string[] }) =>
      `'${p.what}' is for disks on ${list(p.allowed)}, not on '${p.bus}'`,
  },
  'only-for-device': {
    class: 'invalid',
    message: (p: { what: string; device: string; allowed: readonly string[] }) =>
      `'${p.what}' is for device ${list(p.allowed)}, not for '${p.device}'`,
  },
  'not-for-type': {
    class: 'invalid',
    message: (p: { what: string; type: string }) => `'${p.what}' is not for disks of type '${p.type}'`,
  },
  'missing-source': {
    class: 'invalid',
    message: (p: { dev: string; type: string; attribute?: string | undefined }) =>
      `disk '${p.dev}' has no source`,
    hint: ({ type, attribute }) =>
      attribute === undefined
        ? 'only a CD-ROM or floppy drive can be empty'
        : `a disk of type '${type}' has <source ${attribute}='…'/>; only a CD-ROM or floppy drive can be empty`,
  },
  'empty-usb': {
    class: 'unsupported',
    message: (p: { dev: string }) => `a drive on bus 'usb' cannot be empty, here '${p.dev}'`,
  },
  'lun-type': {
    class: 'invalid',
    message: (p: { type: string }) =>
      `device 'lun' needs a block device or an iSCSI source, not type '${p.type}'`,
  },
  'lun-format': {
    class: 'invalid',
    message: (p: { format: string }) =>
      `device 'lun' is passed through as it is, so its format is 'raw', not '${p.format}'`,
  },
  'sgio-unfiltered': {
    class: 'unsupported',
    message: () => "sgio 'unfiltered' is no longer in any kernel",
  },
  'bad-driver': {
    class: 'unsupported',
    message: (p: { name: string; dev: string }) => `driver '${p.name}' of disk '${p.dev}' is not 'qemu'`,
  },
  'read-only-drive': {
    class: 'unsupported',
    message: (p: { bus: string; dev: string }) =>
      `a hard disk on bus '${p.bus}' cannot be read-only, here '${p.dev}'`,
  },
  'shared-format': {
    class: 'unsupported',
    message: (p: { dev: string; format: string }) =>
      `disk '${p.dev}' cannot be shared in format '${p.format}': only 'raw' data can`,
  },
  'native-io-cache': {
    class: 'invalid',
    message: (p: { cache: string }) => `io 'native' needs cache 'none' or 'directsync', not '${p.cache}'`,
  },
  'copy-on-read-only': {
    class: 'invalid',
    message: (p: { dev: string }) => `copy_on_read writes, and disk '${p.dev}' is read-only`,
  },
  'copy-on-read-device': {
    class: 'unsupported',
    message: (p: { dev: string; device: string }) =>
      `copy_on_read is not for disk '${p.dev}', which is a '${p.device}'`,
  },
  'discard-no-unref-read-only': {
    class: 'invalid',
    message: (p: { dev: string }) =>
      `'discard_no_unref' is about what is discarded, and disk '${p.dev}' is read-only`,
  },
  'duplicate-throttle-filter': {
    class: 'invalid',
    message: (p: { dev: string; group: string }) =>
      `disk '${p.dev}' is throttled by group '${p.group}' twice`,
  },
  'vhost-user-snapshot': {
    class: 'invalid',
    message: (p: { dev: string; snapshot: string }) =>
      `disk '${p.dev}' is served by another process: its snapshot is 'no', not '${p.snapshot}'`,
  },
  'transient-type': {
    class: 'unsupported',
    message: (p: { dev: string; type: string }) =>
      `disk '${p.dev}' cannot be transient: its type is '${p.type}', not 'file'`,
  },
  'transient-read-only': {
    class: 'invalid',
    message: (p: { dev: string }) => `disk '${p.dev}' is read-only, so nothing of it can be transient`,
  },
  'unsafe-serial': {
    class: 'invalid',
    message: (p: { serial: string }) =>
      `serial '${p.serial}' has characters other than letters, digits, ' ._+-'`,
  },
  'long-product': {
    class: 'invalid',
    message: (p: { product: string; most: number }) =>
      `product '${p.product}' is longer than '${p.most}' characters`,
  },
  'startup-policy': {
    class: 'invalid',
    message: (p: { policy: string; why: string }) => `startupPolicy '${p.policy}' is for ${p.why}`,
  },
  'rotation-rate': {
    class: 'invalid',
    keepable: true,
    message: (p: { rate: number }) => `rotation rate '${p.rate}' is neither 1 nor from 1025 to 65535`,
  },
  'queue-mapping': {
    class: 'invalid',
    message: (p: { dev: string; what: string }) => `iothreads of disk '${p.dev}': ${p.what}`,
  },
  'unknown-iothread': {
    class: 'invalid',
    message: (p: { dev: string; id: number }) =>
      `disk '${p.dev}' uses iothread '${p.id}', which is not defined`,
  },
  'unknown-throttle-group': {
    class: 'invalid',
    message: (p: { dev: string; group: string }) =>
      `disk '${p.dev}' uses throttle group '${p.group}', which is not defined`,
  },
  'group-differs': {
    class: 'invalid',
    message: (p: { name: string; dev: string; other: string }) =>
      `disks '${p.other}' and '${p.dev}' share the limits of group '${p.name}' and give different ones`,
  },
  'throttled-twice': {
    class: 'invalid',
    message: (p: { dev: string }) => `disk '${p.dev}' has both <iotune> and <throttlefilters>`,
  },
  'given-twice': {
    class: 'invalid',
    message: (p: { what: string; dev: string }) =>
      `disk '${p.dev}' has '${p.what}' both in itself and in its source`,
  },
  'needs-shared-memory': {
    class: 'invalid',
    message: (p: { dev: string; type: string }) => `disk '${p.dev}' of type '${p.type}' needs shared memory`,
    hint: () => "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
  },
  'option-unavailable': {
    class: 'unavailable',
    message: (p: { what: string }) => `this QEMU does not know '${p.what}'`,
  },
  'backend-domain': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { name: string }) => `<backenddomain> '${p.name}' is Xen's and is ignored`,
  },
}));

interface DriveAddress {
  readonly controller: number;
  readonly bus: number;
  readonly target: number;
  readonly unit: number;
}

function at({ controller, bus, target, unit }: DriveAddress): string {
  return `controller='${controller}' bus='${bus}' target='${target}' unit='${unit}'`;
}
