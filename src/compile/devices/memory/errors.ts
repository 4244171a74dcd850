import { defineErrors } from '../../../errors/index.ts';

export const memoryDeviceErrors = defineErrors('memory-device', () => ({
  'no-max-memory': {
    class: 'invalid',
    message: (p: { model: string }) => `a memory device of model '${p.model}' needs <maxMemory> to grow into`,
  },
  'larger-than-all': {
    class: 'invalid',
    message: (p: { sizeKiB: number; totalKiB: number }) =>
      `the memory devices have '${p.sizeKiB}' KiB, and the domain only '${p.totalKiB}' KiB with them`,
  },
  'missing-node': {
    class: 'invalid',
    message: (p: { model: string }) =>
      `a memory device of model '${p.model}' needs <node>, the guest's NUMA cell it goes to`,
  },
  'node-without-cell': {
    class: 'invalid',
    message: (p: { node: number; cells: number }) =>
      `a memory device is for NUMA cell '${p.node}', and the guest has '${p.cells}' cells`,
  },
  'no-numa-node': {
    class: 'invalid',
    message: (p: { model: string }) => `a memory device of model '${p.model}' has no NUMA node`,
  },
  'no-free-slot': {
    class: 'invalid',
    message: (p: { slot: number; slots: number }) =>
      `memory slot '${p.slot}' is beyond the '${p.slots}' slots of <maxMemory>`,
  },
  'slot-in-use': {
    class: 'conflict',
    message: (p: { slot: number }) => `memory slot '${p.slot}' is used by two memory devices`,
  },
  'overlapping-addresses': {
    class: 'conflict',
    message: (p: { base: string; end: string; other: string }) =>
      `a memory device at [${p.base}:${p.end}] overlaps with the one at '${p.other}'`,
  },
  'wrong-address': {
    class: 'invalid',
    message: (p: { model: string; type: string; wanted: string }) =>
      `a memory device of model '${p.model}' has no address of type '${p.type}': only '${p.wanted}' is possible`,
  },
  'no-discard': {
    class: 'unsupported',
    message: (p: { model: string }) => `the memory of a '${p.model}' device cannot be discarded`,
  },
  'missing-path': {
    class: 'invalid',
    message: (p: { model: string }) =>
      `a memory device of model '${p.model}' needs the <path> of its file or device`,
  },
  'no-uuid': {
    class: 'unsupported',
    message: (p: { uuid: string }) => `nvdimm devices have no UUID on x86: '${p.uuid}' cannot be had`,
  },
  'small-label': {
    class: 'invalid',
    message: (p: { sizeKiB: number }) =>
      `an nvdimm label of '${p.sizeKiB}' KiB is less than the smallest, 128 KiB`,
  },
  'large-label': {
    class: 'invalid',
    message: (p: { sizeKiB: number }) =>
      `an nvdimm label of '${p.sizeKiB}' KiB is not smaller than the device`,
  },
  'access-must-be-shared': {
    class: 'invalid',
    message: (p: { access: string }) => `virtio-pmem needs access='shared', not '${p.access}'`,
  },
  'block-not-a-power-of-two': {
    class: 'invalid',
    message: (p: { sizeKiB: number }) => `a virtio-mem block of '${p.sizeKiB}' KiB is no power of two`,
  },
  'small-block': {
    class: 'invalid',
    message: (p: { sizeKiB: number }) =>
      `a virtio-mem block of '${p.sizeKiB}' KiB is less than a transparent hugepage, 2048 KiB`,
  },
  'requested-not-in-blocks': {
    class: 'invalid',
    message: (p: { requestedKiB: number; blockKiB: number }) =>
      `'${p.requestedKiB}' KiB are requested of a virtio-mem device, which are not whole blocks of '${p.blockKiB}' KiB`,
  },
  'requested-too-much': {
    class: 'invalid',
    message: (p: { requestedKiB: number; sizeKiB: number }) =>
      `'${p.requestedKiB}' KiB are requested of a virtio-mem device of '${p.sizeKiB}' KiB`,
  },
  'address-not-in-blocks': {
    class: 'invalid',
    message: (p: { base: string }) => `the virtio-mem address '${p.base}' is no multiple of the block size`,
  },
  'no-dynamic-memslots': {
    class: 'unavailable',
    message: () => "this QEMU's virtio-mem knows no 'dynamicMemslots'",
  },
  'unsupported-model': {
    class: 'unavailable',
    message: (p: { model: string }) => `this QEMU on this host has no memory device of model '${p.model}'`,
  },
}));
