import type { DeviceModule } from '../../module.ts';
import { connectHostdev } from './connect.ts';
import { emitHostdev } from './emit.ts';
import type { Hostdev } from './model.ts';
import { resolveHostdev } from './resolve.ts';
import { type HostdevXml, hostdevSchema } from './schema.ts';
import { validateHostdev } from './validate.ts';

export const hostdev: DeviceModule<HostdevXml, Hostdev> = {
  kind: 'hostdev',
  schema: hostdevSchema,
  resolve: resolveHostdev,
  connect: connectHostdev,
  validate: validateHostdev,
  emit: emitHostdev,
};
