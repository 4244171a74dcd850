import { defineErrors } from '../../../errors/index.ts';

type Id = { readonly id: string };

export const hostdevErrors = defineErrors('hostdev', () => ({
  'capabilities-mode': {
    class: 'unsupported',
    message: (p: { type: string; mode: string }) =>
      `a host device of mode '${p.mode}' and type '${p.type}' is for containers`,
  },
  'scsi-only': {
    class: 'invalid',
    message: (p: { name: string; type: string }) =>
      `'${p.name}' is for host devices of type 'scsi', not of '${p.type}'`,
  },
  'unfiltered-sgio': {
    class: 'unsupported',
    message: (p: { sgio: string }) => `no kernel has sgio='${p.sgio}' any more`,
  },
  'model-of-type': {
    class: 'invalid',
    message: (p: { model: string; type: string }) =>
      `model '${p.model}' is for mediated devices and vhost-scsi, not for type '${p.type}'`,
  },
  'rom-not-pci': {
    class: 'unsupported',
    message: (p: { type: string }) => `a host device of type '${p.type}' has no ROM: only PCI devices do`,
  },
  'mdev-boot': {
    class: 'unsupported',
    message: (p: { type: string }) => `the guest cannot boot from a host device of type '${p.type}'`,
  },
  'policy-of-type': {
    class: 'unsupported',
    message: (p: { policy: string; type: string }) =>
      `startupPolicy '${p.policy}' is for USB devices, not for type '${p.type}'`,
  },
  'address-part': {
    class: 'invalid',
    message: (p: { part: string; value: number; model: string }) =>
      `'${p.part}' of the address is '${p.value}', and a SCSI controller of model '${p.model}' has only 0`,
  },
  'address-type': {
    class: 'invalid',
    message: (p: { address: string; what: string; wanted: string }) =>
      `a host device of ${p.what} has an address of type '${p.wanted}', not '${p.address}'`,
  },
  'write-filtering': {
    class: 'unsupported',
    message: () => "'writeFiltering' belongs to Xen",
  },
  'pci-driver': {
    class: 'unsupported',
    keepable: true,
    message: (p: { name: string }) => `PCI devices are assigned by 'vfio', not by '${p.name}'`,
  },
  'teaming-type': {
    class: 'invalid',
    message: (p: { type: string }) => `the teaming of a host device is 'transient', not '${p.type}'`,
  },
  'teaming-not-pci': {
    class: 'unsupported',
    message: (p: { type: string }) => `only PCI devices are teamed, not host devices of type '${p.type}'`,
  },
  'ramfb-without-display': {
    class: 'invalid',
    keepable: true,
    message: () => "attribute 'ramfb' needs display='on'",
  },
  'display-without-graphics': {
    class: 'invalid',
    message: () =>
      "'display=on' needs a graphics device that can show it: 'vnc', 'spice', 'egl-headless' or 'dbus'",
  },
  'usb-source': {
    class: 'invalid',
    keepable: true,
    message: () => "the source names no USB device: give 'vendor' and 'product', or 'address'",
  },
  'usb-id-zero': {
    class: 'invalid',
    message: (p: { name: string }) => `the USB ${p.name} id '0' names nothing`,
  },
  'iscsi-hosts': {
    class: 'invalid',
    message: (p: { count: number }) => `an iSCSI source has one <host>, and this one has '${p.count}'`,
  },
  'scsi-adapter': {
    class: 'invalid',
    message: (p: { adapter: string }) => `'${p.adapter}' names no SCSI host such as 'scsi_host0'`,
  },
  'adapter-of-pool': {
    class: 'unsupported',
    keepable: true,
    message: (p: { name: string }) => `'${p.name}' of <adapter> belongs to storage pools`,
  },
  wwpn: {
    class: 'invalid',
    message: (p: { wwpn: string }) => `wwpn '${p.wwpn}' is not 'naa.' and 16 hexadecimal digits`,
  },
  'vhost-scsi-model': {
    class: 'invalid',
    message: (p: { model: string }) => `a 'scsi_host' device has no model '${p.model}'`,
  },
  'vhost-scsi-boot': {
    class: 'unsupported',
    message: (p: { type: string }) => `a '${p.type}' device cannot be booted from`,
  },
  'mdev-model': {
    class: 'unsupported',
    message: (p: { model: string }) => `mediated devices of model '${p.model}' do not exist on x86_64`,
  },
  duplicate: {
    class: 'conflict',
    message: (p: { what: string }) => `host device '${p.what}' is in the domain twice`,
  },
  'usb-device-missing': {
    class: 'unavailable',
    message: (p: Id) => `the host has no USB device '${p.id}'`,
  },
  'usb-device-ambiguous': {
    class: 'unavailable',
    message: (p: Id) => `the host has several USB devices '${p.id}'`,
    hint: () => "say which by <address bus='…' device='…'/>",
  },
  'access-ignored': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { what: string; type: string }) =>
      `'${p.what}' is ignored: it is for host devices of the type 'scsi', not '${p.type}'`,
  },
  'usb-device-left-out': {
    class: 'unavailable',
    severity: 'warning',
    message: (p: Id) => `the host has no USB device '${p.id}': the optional device is left out`,
  },
  'scsi-unit-missing': {
    class: 'unavailable',
    message: (p: { unit: string }) => `the host has no SCSI unit '${p.unit}'`,
  },
}));
