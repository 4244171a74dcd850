import { jsonOption } from '../../../plan/index.ts';
import { concatEmissions, type Emission, type EmitContext, emits } from '../../context.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { virtioProps } from '../../shared/virtio-options.ts';
import { audiodevOf } from '../audio/backend.ts';
import type { Sound, SoundModel } from './schema.ts';

/** QEMU's device for each model; `pcspk` is on every board, and `ich7` does not exist. */
export const DRIVER: { readonly [M in SoundModel]?: string } = {
  sb16: 'sb16',
  es1370: 'ES1370',
  ac97: 'AC97',
  ich6: 'intel-hda',
  ich9: 'ich9-intel-hda',
  usb: 'usb-audio',
  virtio: 'virtio-sound-pci',
};

/** HD Audio controllers have their sound in codecs of their own. */
export function isHdAudio({ model }: Sound): boolean {
  return model === 'ich6' || model === 'ich9';
}

export function emitSound(sound: Placed<Sound>, cx: EmitContext): Emission {
  const audiodev = audiodevOf(cx.domain, sound.audio?.id);
  if (sound.model === 'pcspk') {
    // The board has one, however often it is written.
    const isFirst = cx.domain.devices.sound.find((s) => s.model === 'pcspk')?.id === sound.id;
    return { options: [], machine: isFirst ? [['pcspk-audiodev', audiodev]] : [] };
  }
  const device = jsonOption('-device', {
    driver: DRIVER[sound.model],
    ...(sound.model === 'virtio' && virtioProps(sound.driver)),
    id: sound.id,
    audiodev: isHdAudio(sound) ? undefined : audiodev,
    multi: sound.multichannel,
    streams: sound.streams,
    ...addressProps(sound, cx.domain),
  });
  return concatEmissions([emits(device), ...codecs(sound, audiodev)]);
}

/** One that plays and records, where the domain names none. */
function codecs(sound: Placed<Sound>, audiodev: string | undefined): Emission[] {
  if (!isHdAudio(sound)) return [];
  const named = sound.codec.length > 0 ? sound.codec : [{ type: 'duplex' as const }];
  return named.map(({ type }, cad) =>
    emits(
      jsonOption('-device', {
        driver: `hda-${type}`,
        id: `${sound.id}-codec${cad}`,
        bus: `${sound.id}.0`,
        cad,
        audiodev,
      }),
    ),
  );
}
