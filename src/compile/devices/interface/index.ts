import type { DeviceModule } from '../../module.ts';
import { connectInterface } from './connect.ts';
import { emitInterface } from './emit.ts';
import type { Interface } from './model.ts';
import { resolveInterface } from './resolve.ts';
import { type InterfaceXml, interfaceSchema } from './schema.ts';
import { validateInterface } from './validate.ts';

export const networkInterface: DeviceModule<InterfaceXml, Interface> = {
  kind: 'interface',
  schema: interfaceSchema,
  resolve: resolveInterface,
  connect: connectInterface,
  validate: validateInterface,
  emit: emitInterface,
};

export { emitAssignedInterface } from './emit.ts';
export { hostdevId, interfaceId } from './ids.ts';
