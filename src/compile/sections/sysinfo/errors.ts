import { defineErrors } from '../../../errors/index.ts';

export const sysinfoErrors = defineErrors('sysinfo', () => ({
  'bad-date': {
    class: 'invalid',
    message: (p: { date: string }) => `the BIOS 'date' '${p.date}' is neither mm/dd/yyyy nor mm/dd/yy`,
  },
  'bad-uuid': {
    class: 'invalid',
    message: (p: { uuid: string }) => `the system 'uuid' '${p.uuid}' is no UUID`,
  },
  'uuid-differs': {
    class: 'invalid',
    message: (p: { uuid: string; domain: string }) =>
      `the system 'uuid' '${p.uuid}' differs from the domain's uuid '${p.domain}'`,
  },
  'unknown-entry': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { name: string }) => `SMBIOS has no field '${p.name}' there: it is dropped`,
  },
  'several-boards': {
    class: 'unsupported',
    message: () => "QEMU has room for one 'baseBoard' only",
  },
  'empty-blob': {
    class: 'invalid',
    message: (p: { name: string }) => `the firmware blob '${p.name}' has neither a value nor a file`,
  },
  'reserved-blob': {
    class: 'invalid',
    message: (p: { name: string }) => `the name of the firmware blob '${p.name}' does not begin with 'opt/'`,
  },
  'blob-of-firmware': {
    class: 'invalid',
    message: (p: { name: string }) =>
      `the firmware blob '${p.name}' is in a name space that QEMU keeps for itself`,
  },
  'no-host-smbios': {
    class: 'not-implemented',
    keepable: true,
    message: () => "smbios mode 'host' is not done",
    hint: () => "write the host's values into <sysinfo type='smbios'> and use mode 'sysinfo'",
  },
  'no-sysinfo': {
    class: 'invalid',
    keepable: true,
    message: () => "smbios mode 'sysinfo' needs <sysinfo type='smbios'>",
  },
}));
