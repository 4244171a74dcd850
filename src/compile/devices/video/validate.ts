import { hasType } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { firstVirtioOption } from '../../shared/virtio-options.ts';
import { videoErrors } from './errors.ts';
import { VIDEO_TYPES, type Video, videoDriver } from './model.ts';
import { vhostUserGpu } from './vhost-user-gpu.ts';

const KIB_PER_MIB = 1024;
/** QEMU takes bytes in 32 bits. */
const MOST_KIB = 4194303;
/** The types whose frame buffer QEMU takes in MiB. */
const MIB_SIZED: ReadonlySet<string> = new Set(['vga', 'vmvga']);

export function validateVideo(video: Video, cx: ValidateContext): void {
  const { type } = video.model;
  if (type === 'none') {
    if (cx.domain.devices.video.length > 1)
      cx.report.add(videoErrors['none-and-others'], { type }, whereIs(video, 'model', '@type'));
    return;
  }
  validateType(video, cx);
  validateScreen(video, cx);
  validateSizes(video, cx);
  validateDriver(video, cx);
}

function validateType(video: Video, cx: ValidateContext): void {
  const { type, primary } = video.model;
  const where = whereIs(video, 'model', '@type');
  const facts = VIDEO_TYPES[type];
  const driver = videoDriver(video);
  if (facts === undefined) cx.report.add(videoErrors['unsupported-type'], { type }, where);
  else if (!primary && facts.secondary === undefined)
    cx.report.add(videoErrors['only-primary'], { type }, where);
  else if (driver !== undefined && !hasType(cx.env.caps, driver))
    cx.report.add(videoErrors['type-unavailable'], { type, driver }, where);
  if (facts?.bus === 'none' && video.address !== undefined)
    cx.report.add(videoErrors['no-address'], { type }, whereIs(video, 'address'));
}

function validateScreen({ model }: Video, cx: ValidateContext): void {
  const { type, heads = 1, resolution, blob, acceleration } = model;
  const facts = VIDEO_TYPES[type];
  if (heads !== 1 && !facts?.manyHeads)
    cx.report.add(videoErrors['one-head-only'], { type, heads }, whereIs(model, '@heads'));
  if (resolution !== undefined && !facts?.resolution)
    cx.report.add(videoErrors['no-resolution'], { type }, whereIs(model, 'resolution'));
  else if (resolution !== undefined && (resolution.x === 0 || resolution.y === 0))
    cx.report.add(videoErrors['zero-resolution'], resolution, whereIs(resolution));
  if (blob !== undefined && type !== 'virtio')
    cx.report.add(videoErrors['blob-only-virtio'], { type }, whereIs(model, '@blob'));
  const { accel2d, accel3d, rendernode } = acceleration ?? {};
  if (acceleration !== undefined && (accel2d ?? accel3d ?? rendernode) === undefined)
    cx.report.add(videoErrors['empty-acceleration'], undefined, whereIs(acceleration));
  if (blob && cx.domain.memoryBacking?.source?.type !== 'memfd')
    cx.report.add(videoErrors['blob-needs-memfd'], undefined, whereIs(model, '@blob'));
  if (acceleration?.accel2d) cx.report.add(videoErrors.accel2d, undefined, whereIs(acceleration, '@accel2d'));
  if (acceleration?.accel3d && type !== 'virtio')
    cx.report.add(videoErrors['accel3d-only-virtio'], { type }, whereIs(acceleration, '@accel3d'));
}

function validateSizes({ model }: Video, cx: ValidateContext): void {
  const { type, vram, vgamem } = model;
  const add = (rule: 'too-small' | 'too-large' | 'not-power-of-two', name: string, sizeKiB: number) =>
    cx.report.add(videoErrors[rule], { name, sizeKiB }, whereIs(model, `@${name}`));
  if (type !== 'qxl') {
    for (const name of ['ram', 'vram64', 'vgamem'] as const)
      if (model[name] !== undefined)
        cx.report.add(videoErrors['qxl-only'], { name, type }, whereIs(model, `@${name}`));
    if (MIB_SIZED.has(type) && vram !== undefined && vram < KIB_PER_MIB) add('too-small', 'vram', vram);
    return;
  }
  for (const name of ['ram', 'vram'] as const) {
    const sizeKiB = model[name] ?? 0;
    if (sizeKiB >= MOST_KIB) add('too-large', name, sizeKiB);
  }
  if (vgamem !== undefined && vgamem < KIB_PER_MIB) add('too-small', 'vgamem', vgamem);
  else if (vgamem !== undefined && !Number.isInteger(Math.log2(vgamem)))
    add('not-power-of-two', 'vgamem', vgamem);
}

function validateDriver({ driver, model }: Video, cx: ValidateContext): void {
  const { type, acceleration } = model;
  const option = firstVirtioOption(driver);
  if (option !== undefined && type !== 'virtio')
    cx.report.add(videoErrors['virtio-option'], { option, type }, whereIs(driver, `@${option}`));
  const isVhostUser = driver?.name === 'vhostuser';
  if (option !== undefined && isVhostUser && model.primary)
    cx.report.add(videoErrors['virtio-option-ignored'], { option }, whereIs(driver, `@${option}`));
  const { rendernode } = acceleration ?? {};
  if (rendernode !== undefined && !isVhostUser)
    cx.report.add(
      videoErrors['rendernode-only-vhostuser'],
      { rendernode },
      whereIs(acceleration, '@rendernode'),
    );
  if (!isVhostUser) return;
  if (type !== 'virtio')
    cx.report.add(videoErrors['vhostuser-only-virtio'], { type }, whereIs(driver, '@name'));
  else if (vhostUserGpu(cx.env) === undefined)
    cx.report.add(videoErrors['no-vhost-user-gpu'], undefined, whereIs(driver, '@name'));
}
