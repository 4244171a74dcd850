import { defineErrors } from '../../../errors/index.ts';

export const controllerErrors = defineErrors('controller', () => ({
  'duplicate-index': {
    class: 'invalid',
    message: (p: { type: string; index: number }) =>
      `two '${p.type}' controllers have the index '${p.index}'`,
  },
  'index-too-large': {
    class: 'invalid',
    message: (p: { index: number }) =>
      `a PCI controller cannot have the index '${p.index}': there are 256 buses`,
  },
  'unsupported-model': {
    class: 'unsupported',
    message: (p: { type: string; model: string }) =>
      `'${p.model}' is not a model of a '${p.type}' controller that QEMU has for this machine`,
  },
  'unsupported-type': {
    class: 'unsupported',
    message: (p: { type: string }) => `a '${p.type}' controller is not for QEMU`,
  },
  'missing-pci-model': {
    class: 'invalid',
    message: (p: { index: number }) => `the 'pci' controller with the index '${p.index}' has no model`,
    hint: () => "for example model='pcie-root-port' on q35, model='pci-bridge' on i440fx",
  },
  'wrong-root': {
    class: 'invalid',
    message: (p: { model: string; wanted: string }) =>
      `the 'pci' controller with the index '0' is '${p.wanted}' on this machine, not '${p.model}'`,
  },
  'root-not-first': {
    class: 'invalid',
    message: (p: { model: string; index: number }) => `a '${p.model}' has the index 0 and not '${p.index}'`,
  },
  'no-master': {
    class: 'invalid',
    message: (p: { model: string }) => `the companion '${p.model}' has no master USB controller`,
    hint: () => "add a controller with model='ich9-ehci1' and the same index",
  },
  'master-elsewhere': {
    class: 'invalid',
    keepable: true,
    message: (p: { model: string; index: number }) =>
      `the companion '${p.model}' with the index '${p.index}' has no master USB controller of that index`,
    hint: () => "add a controller with model='ich9-ehci1' and the same index",
  },
  'too-many-ports': {
    class: 'unsupported',
    message: (p: { model: string; ports: number; most: number }) =>
      `a '${p.model}' controller has at most '${p.most}' ports, not '${p.ports}'`,
  },
  'ports-not-settable': {
    class: 'unsupported',
    keepable: true,
    message: (p: { model: string }) => `the number of ports of a '${p.model}' controller cannot be set`,
  },
  'usb-disabled': {
    class: 'invalid',
    message: () => "there is another USB controller although one with model='none' turns USB off",
  },
  'single-ide': {
    class: 'unsupported',
    message: (p: { index: number }) =>
      `this machine has one IDE controller, there can be none with the index '${p.index}'`,
  },
  'no-ide': {
    class: 'unsupported',
    message: () => "this machine has no 'ide' controller",
    hint: () => "q35 has SATA: use bus='sata'",
  },
  'driver-option': {
    class: 'invalid',
    message: (p: { option: string; type: string; model: string }) =>
      `'${p.option}' is for 'virtio-scsi' controllers, not for '${p.type}' of model '${p.model}'`,
  },
  'virtio-option': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { option: string; type: string; model: string }) =>
      `'${p.option}' is ignored: a '${p.type}' controller of model '${p.model}' is no virtio device`,
  },
  'iothreads-unavailable': {
    class: 'unavailable',
    message: () => "this QEMU does not know 'iothread-vq-mapping' of SCSI controllers",
  },
  'model-unavailable': {
    class: 'unavailable',
    keepable: true,
    message: (p: { type: string; model: string }) =>
      `this QEMU has no '${p.type}' controller of the model '${p.model}'`,
  },
  'wrong-model-name': {
    class: 'invalid',
    message: (p: { model: string; name: string }) => `'${p.name}' is not a device that can be a '${p.model}'`,
  },
  'root-address': {
    class: 'invalid',
    message: (p: { model: string }) => `a '${p.model}' is where PCI begins: it has no address`,
  },
  'target-option': {
    class: 'invalid',
    message: (p: { option: string; model: string }) =>
      `'${p.option}' is not an option of a PCI controller of the model '${p.model}'`,
  },
  'no-such-node': {
    class: 'invalid',
    message: (p: { model: string; index: number; node: number; cells: number }) =>
      `the ${p.model} with the index '${p.index}' is of the NUMA node '${p.node}', and the domain has ${p.cells} of them`,
  },
  'hole-not-of-root': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { model: string }) =>
      `<pcihole64> is ignored: it is a matter of the root, and this is a '${p.model}'`,
  },
  'two-iothread-ways': {
    class: 'invalid',
    message: () => "a controller has either the attribute 'iothread' or the element 'iothreads', not both",
  },
  'unknown-iothread': {
    class: 'invalid',
    message: (p: { id: number }) => `the controller uses the iothread '${p.id}', which is not defined`,
  },
  'iothread-mapping': {
    class: 'invalid',
    message: (p: { problem: string }) => `the controller's iothreads: ${p.problem}`,
  },
  'wrong-address': {
    class: 'invalid',
    message: (p: { type: string; address: string }) =>
      `a '${p.type}' controller cannot have an address of the type '${p.address}'`,
  },
}));
