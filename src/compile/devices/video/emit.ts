import { jsonOption, keysOption, type PropValue } from '../../../plan/index.ts';
import { type Emission, type EmitContext, emits } from '../../context.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { machineDirectory } from '../../shared/machine-paths.ts';
import { virtioProps } from '../../shared/virtio-options.ts';
import { type Video, videoDriver } from './model.ts';
import { vhostUserGpu } from './vhost-user-gpu.ts';

type Entries = Record<string, PropValue | undefined>;

const KIB = 1024;

export function emitVideo(video: Placed<Video>, cx: EmitContext): Emission {
  const { model, driver, id } = video;
  if (model.type === 'none') return emits();
  // libvirt gives the VGA variant none of the virtio options, and the guest must be the same.
  const driverName = videoDriver(video);
  const device = jsonOption('-device', {
    driver: driverName,
    ...(driverName !== 'vhost-user-vga' && virtioProps(driver)),
    id,
    ...typeProps(video),
    blob: model.blob,
    xres: model.resolution?.x,
    yres: model.resolution?.y,
    ...addressProps(video, cx.domain),
  });
  return driver?.name === 'vhostuser' ? withBackend(video, emits(device), cx) : emits(device);
}

/** QEMU takes some sizes in bytes and some in MiB. */
function typeProps({ model, driver, id }: Placed<Video>): Entries {
  const { type, heads, ram = 0, vram = 0, vram64 = 0, vgamem = 0 } = model;
  switch (type) {
    case 'qxl':
      return {
        max_outputs: heads,
        ram_size: ram * KIB,
        vram_size: vram * KIB,
        vram64_size_mb: Math.floor(vram64 / KIB),
        vgamem_mb: vgamem / KIB,
      };
    case 'vga':
    case 'vmvga':
      return { vgamem_mb: vram / KIB };
    case 'bochs':
      return { vgamem: vram * KIB };
    case 'virtio':
      return {
        max_outputs: heads,
        chardev: driver?.name === 'vhostuser' ? chardevId(id) : undefined,
      };
    default:
      return {};
  }
}

function chardevId(id: string): string {
  return `chr-vu-${id}`;
}

/** The program beside QEMU has one end of a socket pair, QEMU the other. */
function withBackend(video: Placed<Video>, device: Emission, { domain, env }: EmitContext): Emission {
  const fd = `${video.id}-vhost-user`;
  const { accel3d, rendernode } = video.model.acceleration ?? {};
  const node = rendernode ?? env.facts.renderNode;
  const chardev = keysOption('-chardev', [
    [null, 'socket'],
    ['id', chardevId(video.id)],
    ['fd', { fd }],
  ]);
  return {
    options: [chardev, ...device.options],
    host: [
      {
        type: 'vhost-user-gpu',
        device: video.id,
        fd,
        binary: vhostUserGpu(env)?.binary ?? '',
        stem: `${machineDirectory(domain.name, env)}/${video.id}-vhost-user-gpu`,
        virgl: accel3d ?? false,
        ...(accel3d && node !== undefined && { renderNode: node }),
      },
    ],
  };
}
