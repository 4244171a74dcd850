import { schemaHas } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { Context } from '../../context.ts';
import { storageErrors as errors } from './errors.ts';
import type { Image } from './layer.ts';
import type { SecretRef, StorageEncryption } from './parts.ts';

/** Rules of an encrypted image (format: "Storage encryption XML"). */
export function validateEncryption(image: Image, encryption: StorageEncryption, cx: Context): void {
  const { format, engine = 'qemu', secrets } = encryption;
  const where = whereIs(encryption);
  if (format === 'qcow' || format === 'default') {
    cx.report.add(errors['encryption-gone'], { format }, where);
    return;
  }
  for (const what of ['cipher', 'ivgen'] as const)
    if (encryption[what] !== undefined)
      cx.report.add(errors['encryption-layout'], { what }, whereIs(encryption, what));
  for (const secret of secrets) validateSecret(secret, ['passphrase'], cx);
  if (engine === 'librbd') validateLibrbd(image, encryption, cx);
  else {
    if (format !== 'luks') cx.report.add(errors['encryption-engine'], { format, engine }, where);
    if (image.format !== 'raw' && image.format !== 'qcow2')
      cx.report.add(errors['encrypted-format'], { format: image.format }, where);
    if (secrets.length !== 1)
      cx.report.add(errors['encryption-secrets'], { format, count: secrets.length }, where);
  }
}

function validateLibrbd(image: Image, encryption: StorageEncryption, cx: Context): void {
  const { format, secrets } = encryption;
  const where = whereIs(encryption);
  const { source } = image;
  if (source.kind !== 'network' || source.protocol !== 'rbd') {
    cx.report.add(errors['engine-needs-rbd'], undefined, where);
    return;
  }
  if (secrets.length === 0) cx.report.add(errors['encryption-secrets'], { format, count: 0 }, where);
  const { caps } = cx.env;
  const known = (...path: readonly string[]) => schemaHas(caps, 'blockdev-add', 'encrypt', ...path);
  if (!known('format', `=${format}`))
    cx.report.add(errors['option-unavailable'], { what: `librbd encryption '${format}'` }, where);
  else if (secrets.length > 1 && !known('parent'))
    cx.report.add(errors['option-unavailable'], { what: 'layers of librbd encryption' }, where);
}

/** A reference to a secret names one, and one of the kinds that are meant. */
export function validateSecret(secret: SecretRef, types: readonly string[], cx: Context): void {
  const { type = '', uuid, usage } = secret;
  if (!types.includes(type))
    cx.report.add(
      errors['secret-type'],
      { type: type === '' ? 'none' : type, expected: types.join("' or '") },
      whereIs(secret, '@type'),
    );
  else if ((uuid === undefined) === (usage === undefined))
    cx.report.add(errors['secret-reference'], { type }, whereIs(secret));
}
