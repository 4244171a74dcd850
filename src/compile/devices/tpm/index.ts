import type { DeviceModule } from '../../module.ts';
import { emitTpm } from './emit.ts';
import { resolveTpm } from './resolve.ts';
import { type Tpm, type TpmXml, tpmSchema } from './schema.ts';
import { validateTpm } from './validate.ts';

/** Format: "TPM device". */
export const tpm: DeviceModule<TpmXml, Tpm> = {
  kind: 'tpm',
  schema: tpmSchema,
  resolve: resolveTpm,
  validate: validateTpm,
  emit: emitTpm,
};
