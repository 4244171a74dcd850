import { hasType } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { ResolveContext, ValidateContext } from '../../context.ts';
import type { ParsedDomain } from '../../domain.ts';
import type { DeviceModule } from '../../module.ts';
import { type Connection, PCI_CONVENTIONAL, PCI_EXPRESS } from '../../shared/connection.ts';
import { isQ35 } from '../../shared/machine.ts';
import { audioOf } from '../audio/backend.ts';
import { audioErrors } from '../audio/errors.ts';
import { DRIVER, emitSound, isHdAudio } from './emit.ts';
import { soundErrors } from './errors.ts';
import { type Sound, soundSchema } from './schema.ts';

/** Format: "Sound devices". */
export const sound: DeviceModule<Sound> = {
  kind: 'sound',
  schema: soundSchema,
  resolve: resolveSound,
  connect,
  validate: validateSound,
  emit: emitSound,
};

/** QEMU's ICH9 is in the chipset of a q35 board, at its own place. */
const ICH9_SLOT = 0x1b;

function connect({ model }: Sound, domain: ParsedDomain): Connection | undefined {
  if (model === 'usb') return { bus: 'usb' };
  if (model === 'virtio') return PCI_EXPRESS;
  if (model === 'sb16' || model === 'pcspk' || model === 'ich7') return undefined;
  return model === 'ich9' && isQ35(domain)
    ? { ...PCI_CONVENTIONAL, prefers: { slot: ICH9_SLOT } }
    : PCI_CONVENTIONAL;
}

/** Two streams for a virtio device: QEMU's default, written down because the guest sees it. */
function resolveSound(xml: Sound, cx: ResolveContext): Sound {
  const { codec, multichannel, streams, driver, ...rest } = xml;
  const ignored = (what: string, path: string) =>
    cx.report.add(soundErrors.ignored, { what, model: xml.model }, whereIs(xml, path));
  if (codec.length > 0 && !isHdAudio(xml)) ignored('codec', 'codec');
  if (multichannel !== undefined && xml.model !== 'usb') ignored('multichannel', '@multichannel');
  if (streams !== undefined && xml.model !== 'virtio') ignored('streams', '@streams');
  if (driver !== undefined && xml.model !== 'virtio') ignored('driver', 'driver');
  return {
    ...rest,
    codec: isHdAudio(xml) ? codec : [],
    ...(xml.model === 'usb' && multichannel !== undefined && { multichannel }),
    ...(xml.model === 'virtio' && { streams: streams ?? 2, ...(driver && { driver }) }),
  };
}

function validateSound(device: Sound, cx: ValidateContext): void {
  const { model } = device;
  const driver = DRIVER[model];
  if (model === 'ich7') cx.report.add(soundErrors['unsupported-model'], { model }, whereIs(device, '@model'));
  else if (driver !== undefined && !hasType(cx.env.caps, driver))
    cx.report.add(soundErrors['model-unavailable'], { model, driver }, whereIs(device, '@model'));
  const id = device.audio?.id;
  if (audioOf(cx.domain, id) !== undefined) return;
  if (id === undefined) cx.report.add(soundErrors['no-audio'], { model }, whereIs(device));
  else cx.report.add(audioErrors['unknown-id'], { id }, whereIs(device, 'audio', '@id'));
}
