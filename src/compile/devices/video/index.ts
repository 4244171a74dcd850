import type { DeviceModule } from '../../module.ts';
import { PCI_CONVENTIONAL, PCI_EXPRESS } from '../../shared/connection.ts';
import { emitVideo } from './emit.ts';
import { VIDEO_TYPES, type Video } from './model.ts';
import { resolveVideo } from './resolve.ts';
import { type VideoXml, videoSchema } from './schema.ts';
import { validateVideo } from './validate.ts';

/** Format: "Video devices". */
export const video: DeviceModule<VideoXml, Video> = {
  kind: 'video',
  schema: videoSchema,
  resolve: resolveVideo,
  connect: ({ model }) => {
    const bus = VIDEO_TYPES[model.type]?.bus ?? 'none';
    if (bus === 'none') return undefined;
    return bus === 'express' ? PCI_EXPRESS : PCI_CONVENTIONAL;
  },
  validate: validateVideo,
  emit: emitVideo,
};
