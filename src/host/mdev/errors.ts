import { defineErrors } from '../../errors/index.ts';

/** What can go wrong with making and removing mediated devices. */
export const mdevErrors = defineErrors('mdev', () => ({
  'no-parent': {
    class: 'unavailable',
    message: (p: { uuid: string; parent: string; parents: readonly string[] }) =>
      `'${p.parent}', on which the mediated device '${p.uuid}' is to be made, is not there or makes none`,
    hint: (p) =>
      p.parents.length === 0
        ? "no device of this host makes mediated devices: its maker's driver must be loaded, such as nvidia_vgpu_vfio or kvmgt"
        : `these make some: ${p.parents.join(', ')}`,
  },
  'no-type': {
    class: 'unavailable',
    message: (p: { uuid: string; parent: string; mdevType: string; types: readonly string[] }) =>
      `'${p.parent}' makes no mediated devices of the type '${p.mdevType}', of which '${p.uuid}' is to be`,
    hint: (p) => `it makes: ${p.types.join(', ') || 'none'}`,
  },
  'no-instances': {
    class: 'unavailable',
    message: (p: { uuid: string; parent: string; mdevType: string; wanted: number; free: number }) =>
      `'${p.parent}' can make ${p.free} more of the type '${p.mdevType}', and ${p.wanted} are needed for '${p.uuid}'`,
    hint: () => 'end one that nobody needs: qdom nodedev-list --cap mdev, qdom nodedev-destroy DEVICE',
  },
  'not-made': {
    class: 'failed',
    message: (p: { uuid: string; file: string; reason: string }) =>
      `the mediated device '${p.uuid}' could not be made ('${p.file}'): ${p.reason}`,
    hint: () => 'the kernel log (dmesg) may say more',
  },
  'attribute-refused': {
    class: 'failed',
    message: (p: { uuid: string; name: string; value: string; reason: string }) =>
      `'${p.value}' could not be written into the attribute '${p.name}' of the mediated device '${p.uuid}': ${p.reason}`,
    hint: () => 'its driver says which attributes it has, and in which order they are set',
  },
  busy: {
    class: 'conflict',
    message: (p: { uuid: string; node: string }) =>
      `the mediated device '${p.uuid}' cannot be removed: a process has '${p.node}' open`,
    hint: (p) => `fuser -v ${p.node} names it`,
  },
  'not-removed': {
    class: 'failed',
    message: (p: { uuid: string; reason: string }) =>
      `the mediated device '${p.uuid}' could not be removed: ${p.reason}`,
    hint: (p) => `by hand: echo 1 > /sys/bus/mdev/devices/${p.uuid}/remove`,
  },
  'already-there': {
    class: 'conflict',
    message: (p: { name: string }) => `the device '${p.name}' is there already`,
    hint: (p) => `qdom nodedev-destroy ${p.name} removes it`,
  },
  'not-active': {
    class: 'not-found',
    message: (p: { name: string }) => `the mediated device '${p.name}' is not there`,
    hint: () => 'qdom nodedev-list --cap mdev --all',
  },
  'not-defined': {
    class: 'not-found',
    message: (p: { name: string }) => `no mediated device '${p.name}' is defined`,
    hint: () => 'qdom nodedev-list --cap mdev --all',
  },
  'not-a-mdev': {
    class: 'not-found',
    message: (p: { name: string }) => `'${p.name}' is the name of no mediated device`,
    hint: () =>
      'it is called mdev_UUID, with _ for -, and maybe its parent after it: qdom nodedev-list --cap mdev --all',
  },
  'uuid-taken': {
    class: 'conflict',
    message: (p: { uuid: string; parent: string }) =>
      `the mediated device '${p.uuid}' is defined already, on '${p.parent}'`,
    hint: () => 'undefine it first, or give this one another UUID',
  },
}));
