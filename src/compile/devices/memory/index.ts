import type { DeviceModule } from '../../module.ts';
import { PCI_EXPRESS } from '../../shared/connection.ts';
import { emitMemoryDevice } from './emit.ts';
import type { MemoryDevice, MemoryDeviceXml } from './model.ts';
import { resolveMemoryDevice } from './resolve.ts';
import { memoryDeviceSchema } from './schema.ts';
import { validateMemoryDevice } from './validate.ts';

/** Format: "Memory devices". */
export const memory: DeviceModule<MemoryDeviceXml, MemoryDevice> = {
  kind: 'memory',
  schema: memoryDeviceSchema,
  resolve: resolveMemoryDevice,
  connect: ({ model }) => (model === 'virtio-mem' || model === 'virtio-pmem' ? PCI_EXPRESS : undefined),
  validate: validateMemoryDevice,
  emit: emitMemoryDevice,
};
