import { defineErrors } from '../../errors/index.ts';

/** Rules of a `<device>` that is to be made. */
export const nodeDeviceErrors = defineErrors('node-device-xml', () => ({
  'not-a-device': {
    class: 'syntax',
    message: (p: { name: string }) => `the root element is <${p.name}>, not <device>`,
  },
  'not-mediated': {
    class: 'unsupported',
    message: (p: { type: string }) =>
      `a device with the capability '${p.type}' cannot be made: mediated ones (capability 'mdev') can`,
    hint: (p) =>
      p.type === 'scsi_host'
        ? "the kernel makes a virtual HBA: echo 'WWPN:WWNN' > /sys/class/fc_host/hostN/vport_create"
        : 'other devices are there when the host has them',
  },
  'no-parent': {
    class: 'invalid',
    message: () => 'a mediated device needs the element <parent>: the device that makes it',
    hint: () => 'qdom nodedev-list --cap mdev_types shows those that can',
  },
  'parent-differs': {
    class: 'invalid',
    message: (p: { parent: string; address: string }) =>
      `<parent> is '${p.parent}' and <parent_addr> '${p.address}', which is another device`,
  },
  'bad-attribute-name': {
    class: 'invalid',
    message: (p: { name: string }) => `'${p.name}' cannot be an attribute of a mediated device`,
    hint: () => "it is the name of a file below the device's directory in sysfs",
  },
}));
