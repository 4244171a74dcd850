import { defineErrors } from '../../../errors/index.ts';

interface Size {
  readonly name: string;
  readonly sizeKiB: number;
}

export const videoErrors = defineErrors('video', () => ({
  'unsupported-type': {
    class: 'unsupported',
    message: (p: { type: string }) => `QEMU has no video device of type '${p.type}'`,
  },
  'type-unavailable': {
    class: 'unavailable',
    message: (p: { type: string; driver: string }) =>
      `this QEMU has no video device of type '${p.type}' (${p.driver})`,
    hint: () => 'install the QEMU module that brings it, or use another type',
  },
  'several-primary': {
    class: 'invalid',
    message: () => "more than one video device has primary='yes'",
  },
  'only-primary': {
    class: 'invalid',
    message: (p: { type: string }) => `video type '${p.type}' can only be the first video device`,
    hint: () => "further ones are 'qxl' or 'virtio'; primary='yes' says which is the first",
  },
  'none-and-others': {
    class: 'invalid',
    message: (p: { type: string }) =>
      `video type '${p.type}' is the only video device, or there is none of it`,
  },
  'one-head-only': {
    class: 'invalid',
    message: (p: { type: string; heads: number }) => `video type '${p.type}' has one head, not '${p.heads}'`,
  },
  'no-resolution': {
    class: 'invalid',
    message: (p: { type: string }) => `video type '${p.type}' takes no resolution`,
  },
  'zero-resolution': {
    class: 'invalid',
    message: (p: { x: number; y: number }) => `the resolution '${p.x}x${p.y}' has a side of 0`,
  },
  'qxl-only': {
    class: 'invalid',
    message: (p: { name: string; type: string }) =>
      `'${p.name}' belongs to video type 'qxl', not '${p.type}'`,
  },
  'not-power-of-two': {
    class: 'invalid',
    message: (p: Size) => `'${p.name}' of '${p.sizeKiB}' KiB is no power of two`,
  },
  'too-small': {
    class: 'invalid',
    message: (p: Size) => `'${p.name}' of '${p.sizeKiB}' KiB is less than 1024 KiB`,
  },
  'too-large': {
    class: 'invalid',
    message: (p: Size) => `'${p.name}' of '${p.sizeKiB}' KiB is not less than 4194303 KiB`,
  },
  'empty-acceleration': {
    class: 'invalid',
    message: () => "<acceleration> needs one of the attributes 'accel2d', 'accel3d' and 'rendernode'",
  },
  'blob-needs-memfd': {
    class: 'unsupported',
    message: () => "'blob' needs memory of the type 'memfd'",
    hint: () => "<memoryBacking><source type='memfd'/></memoryBacking>",
  },
  'blob-only-virtio': {
    class: 'invalid',
    message: (p: { type: string }) => `video type '${p.type}' has no blob resources`,
  },
  accel2d: {
    class: 'unsupported',
    message: () => "QEMU has no 2D acceleration (accel2d='yes')",
  },
  'accel3d-only-virtio': {
    class: 'invalid',
    message: (p: { type: string }) => `3D acceleration needs video type 'virtio', not '${p.type}'`,
  },
  'rendernode-only-vhostuser': {
    class: 'invalid',
    message: (p: { rendernode: string }) => `rendernode '${p.rendernode}' needs <driver name='vhostuser'>`,
    hint: () => 'the render node of the host side is named by <gl> of <graphics>',
  },
  'vhostuser-only-virtio': {
    class: 'invalid',
    message: (p: { type: string }) => `driver 'vhostuser' needs video type 'virtio', not '${p.type}'`,
  },
  'virtio-option': {
    class: 'invalid',
    message: (p: { option: string; type: string }) =>
      `driver option '${p.option}' belongs to virtio devices, not to video type '${p.type}'`,
  },
  'virtio-option-ignored': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { option: string }) =>
      `driver option '${p.option}' is ignored: the first video device of driver 'vhostuser' takes none`,
  },
  'no-vhost-user-gpu': {
    class: 'unavailable',
    message: () => "no vhost-user-gpu program is installed that 'vhostuser' could use",
    hint: () => 'its descriptor stands in /usr/share/qemu/vhost-user',
  },
  'no-address': {
    class: 'invalid',
    message: (p: { type: string }) => `video type '${p.type}' sits at no address`,
  },
  'vgaconf-ignored': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { vgaconf: string }) => `vgaconf='${p.vgaconf}' is ignored: it belongs to bhyve`,
  },
}));
