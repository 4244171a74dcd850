import type { DeviceModule } from '../../module.ts';
import { virtioConnection } from '../../shared/connection.ts';
import { emitFilesystem } from './emit.ts';
import { driverOf, type Filesystem } from './model.ts';
import { resolveFilesystem } from './resolve.ts';
import { type FilesystemXml, filesystemSchema } from './schema.ts';
import { validateFilesystem } from './validate.ts';

/** Format: "Filesystems". */
export const filesystem: DeviceModule<FilesystemXml, Filesystem> = {
  kind: 'filesystem',
  schema: filesystemSchema,
  resolve: resolveFilesystem,
  connect: (fs) => (driverOf(fs) === 'mtp' ? { bus: 'usb' } : virtioConnection(fs.model)),
  validate: validateFilesystem,
  emit: emitFilesystem,
};
