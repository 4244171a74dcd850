import type { VideoModel, VideoType, VideoXml } from './schema.ts';

/** A video device with its model complete. */
export type Video = VideoXml & { readonly model: VideoModel & { readonly type: VideoType } };

interface VideoTypeFacts {
  /** QEMU's device when it is the first one, and the one that firmware draws to. */
  readonly primary: string;
  /** As a further one; most can only be the first. */
  readonly secondary?: string;
  /** Sizes that the guest sees if nothing is said. */
  readonly defaultsKiB?: Pick<VideoModel, 'ram' | 'vram' | 'vgamem'>;
  readonly manyHeads?: true;
  readonly resolution?: true;
  /** A PCI Express endpoint where the machine has PCI Express; no PCI device at all. */
  readonly bus: 'express' | 'conventional' | 'none';
}

const DEFAULT_VRAM_KIB = 16384;
const vram = { vram: DEFAULT_VRAM_KIB } as const;

/** What QEMU has; `xen`, `vbox` and `gop` belong to other hypervisors, `none` is no device. */
export const VIDEO_TYPES: { readonly [T in VideoType]?: VideoTypeFacts } = {
  vga: { primary: 'VGA', defaultsKiB: vram, resolution: true, bus: 'conventional' },
  cirrus: { primary: 'cirrus-vga', defaultsKiB: vram, bus: 'conventional' },
  vmvga: { primary: 'vmware-svga', defaultsKiB: vram, bus: 'conventional' },
  qxl: {
    primary: 'qxl-vga',
    secondary: 'qxl',
    defaultsKiB: { ram: 65536, vram: 65536, vgamem: 16384 },
    manyHeads: true,
    resolution: true,
    bus: 'conventional',
  },
  virtio: {
    primary: 'virtio-vga',
    secondary: 'virtio-gpu-pci',
    manyHeads: true,
    resolution: true,
    bus: 'express',
  },
  bochs: { primary: 'bochs-display', defaultsKiB: vram, resolution: true, bus: 'express' },
  ramfb: { primary: 'ramfb', bus: 'none' },
};

/** QEMU's device; undefined where it has none of the type, or none that could be a further one. */
export function videoDriver({ model, driver }: Video): string | undefined {
  const facts = VIDEO_TYPES[model.type];
  if (model.type !== 'virtio') return model.primary ? facts?.primary : facts?.secondary;
  if (driver?.name === 'vhostuser') return model.primary ? 'vhost-user-vga' : 'vhost-user-gpu-pci';
  if (model.acceleration?.accel3d) return model.primary ? 'virtio-vga-gl' : 'virtio-gpu-gl-pci';
  return model.primary ? 'virtio-vga' : 'virtio-gpu-pci';
}
