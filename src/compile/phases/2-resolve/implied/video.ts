import { whereIs } from '../../../../xml/index.ts';
import { videoErrors } from '../../../devices/video/errors.ts';
import type { XmlOf } from '../../../domain.ts';
import type { Implication } from '../implied.ts';

type VideoXml = XmlOf<'video'>;

/**
 * Graphics without a video device have one. The primary one comes first, as firmware draws to the first; where
 * none is marked it is the first written.
 */
export const videoOfGraphics: Implication = ({ devices }, cx) => {
  const written: readonly VideoXml[] =
    devices.video.length === 0 && devices.graphics.length > 0 ? [{}] : devices.video;
  const [marked, second] = written.filter((v) => v.model?.primary);
  if (second !== undefined)
    cx.report.add(videoErrors['several-primary'], undefined, whereIs(second, 'model', '@primary'));
  const first = marked ?? written[0];
  if (first === undefined) return {};
  const others = written.filter((v) => v !== first);
  return { video: [withPrimary(first, true), ...others.map((v) => withPrimary(v, undefined))] };
};

function withPrimary(video: VideoXml, isPrimary: true | undefined): VideoXml {
  const { primary: _, ...model } = video.model ?? {};
  return { ...video, model: { ...model, ...(isPrimary && { primary: true }) } };
}
