import type { DeviceModule } from '../../module.ts';
import { connect } from './connect.ts';
import { emit } from './emit.ts';
import type { Controller } from './model.ts';
import { resolve } from './resolve.ts';
import { type ControllerXml, controllerSchema } from './schema.ts';
import { validate } from './validate.ts';

/** Format: "Controllers". */
export const controllerModule: DeviceModule<ControllerXml, Controller> = {
  kind: 'controller',
  schema: controllerSchema,
  resolve,
  connect,
  validate,
  emit,
};
