import { defineErrors } from '../../../errors/index.ts';

export const filesystemErrors = defineErrors('filesystem', () => ({
  'not-for-qemu': {
    class: 'unsupported',
    message: (p: { what: string; value: string }) => `filesystem ${p.what} '${p.value}' is not for QEMU`,
    hint: () => "QEMU shares a directory of the host: type 'mount' with driver 'path', 'virtiofs' or 'mtp'",
  },
  'driver-unavailable': {
    class: 'unavailable',
    message: (p: { driver: string }) => `this QEMU has no '${p.driver}'`,
  },
  'missing-source': {
    class: 'invalid',
    message: (p: { target: string }) => `filesystem '${p.target}' has no source directory`,
  },
  'missing-target': {
    class: 'invalid',
    message: (p: { dir: string }) => `filesystem of '${p.dir}' has no <target dir>, the tag to mount it by`,
  },
  'access-mode': {
    class: 'unsupported',
    message: (p: { accessmode: string; driver: string }) =>
      `driver '${p.driver}' has the access mode 'passthrough' only, not '${p.accessmode}'`,
  },
  'modes-need-mapped': {
    class: 'invalid',
    message: (p: { attribute: string; accessmode: string }) =>
      `'${p.attribute}' needs accessmode 'mapped', not '${p.accessmode}'`,
  },
  'not-with-virtiofs': {
    class: 'invalid',
    message: (p: { what: string }) => `'${p.what}' is not for the driver 'virtiofs'`,
  },
  'only-with-virtiofs': {
    class: 'invalid',
    message: (p: { what: string; driver: string }) =>
      `'${p.what}' needs the driver 'virtiofs', not '${p.driver}'`,
  },
  'ignored-without-virtiofs': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { what: string; driver: string }) =>
      `'${p.what}' is ignored: it is for the driver 'virtiofs', not for '${p.driver}'`,
  },
  'not-with-mtp': {
    class: 'invalid',
    message: (p: { what: string }) => `'${p.what}' is not for the driver 'mtp'`,
  },
  'not-with-socket': {
    class: 'invalid',
    message: (p: { what: string; socket: string }) =>
      `'${p.what}' is decided by who serves the socket '${p.socket}'`,
  },
  'needs-shared-memory': {
    class: 'invalid',
    message: (p: { target: string }) => `filesystem '${p.target}' by 'virtiofs' needs shared memory`,
    hint: () => "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
  },
  'lock-ignored': {
    class: 'invalid',
    severity: 'warning',
    message: () => 'virtiofsd has no locks of its own any more: <lock> is ignored',
  },
  'usage-limit': {
    class: 'unsupported',
    message: (p: { what: string }) => `QEMU cannot limit a file system: '${p.what}'`,
  },
  'lone-id-map': {
    class: 'invalid',
    message: (p: { target: string }) => `filesystem '${p.target}' maps only one of 'uid' and 'gid'`,
  },
}));
