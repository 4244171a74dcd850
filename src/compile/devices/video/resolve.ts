import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { videoErrors } from './errors.ts';
import { VIDEO_TYPES, type Video } from './model.ts';
import type { VideoModel, VideoXml } from './schema.ts';

/** Sizes that are not said, one head, sizes rounded up to powers of two. Which one is primary is decided before. */
export function resolveVideo(xml: VideoXml, cx: ResolveContext): Video {
  const { model = {}, ...rest } = xml;
  const vgaconf = xml.driver?.vgaconf;
  const type = model.type ?? 'cirrus';
  if (type === 'none') {
    const { address: _, acpi: __, driver: ___, ...bare } = rest;
    return { ...bare, model: { type, [SOURCE]: model[SOURCE] } };
  }
  if (vgaconf !== undefined)
    cx.report.add(videoErrors['vgaconf-ignored'], { vgaconf }, whereIs(xml.driver, '@vgaconf'));
  return {
    ...rest,
    model: { ...sized({ ...model, type }), type },
  };
}

function sized({ ram, vram, vram64, vgamem, heads = 1, ...model }: VideoModel): VideoModel {
  const defaults = VIDEO_TYPES[model.type ?? 'none']?.defaultsKiB;
  const sizes = {
    ram: powerOfTwo(ram || defaults?.ram || 0),
    vram: powerOfTwo(vram || defaults?.vram || 0),
    vram64,
    vgamem: vgamem || defaults?.vgamem,
    heads,
  };
  return { ...model, ...Object.fromEntries(Object.entries(sizes).filter(([, size]) => size)) };
}

/** The next power of two that is not less; 0 stays 0. */
function powerOfTwo(sizeKiB: number): number {
  return sizeKiB === 0 ? 0 : 2 ** Math.ceil(Math.log2(sizeKiB));
}
