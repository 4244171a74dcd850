import type { DeviceModule } from '../../module.ts';
import { emitTpm } from './emit.ts';
import { tpmErrors } from './errors.ts';
import { resolveTpm } from './resolve.ts';
import { type Tpm, type TpmXml, tpmSchema } from './schema.ts';
import { validateTpm } from './validate.ts';

/** Format: "TPM device". */
export const tpm: DeviceModule<TpmXml, Tpm> = {
  kind: 'tpm',
  schema: tpmSchema,
  errors: tpmErrors,
  resolve: resolveTpm,
  validate: validateTpm,
  emit: emitTpm,
};
