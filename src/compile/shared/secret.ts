import { jsonOption, type Origin, type QemuOption, type SecretFileRequirement } from '../../plan/index.ts';
import type { Where } from '../../xml/index.ts';
import { type Context, fromPlace } from '../context.ts';

/**
 * `-object secret` whose value QEMU reads from a file of the machine's run directory (`docs/system/secrets`).
 * libvirt passes the value itself, encrypted with a key that only it and QEMU know; its profile prints both as `***`.
 */
export function secretObject(id: string, cx: Pick<Context, 'env'>, from?: Origin): QemuOption {
  const { profile } = cx.env;
  const value =
    profile.kind === 'libvirt'
      ? { data: '***', keyid: 'masterKey0', iv: '***', format: 'base64' }
      : { format: 'raw', file: secretFile(profile.runDir, id) };
  return jsonOption('-object', { 'qom-type': 'secret', id, ...value }, from);
}

/** The file that holds a secret's value for one QEMU. */
export function secretFile(runDir: string, id: string): string {
  return `${runDir}/${id}.secret`;
}

/** What the host must put into the file of `secretObject`; libvirt's profile has none. */
export function secretRequirement(
  device: string,
  id: string,
  secret: SecretFileRequirement['secret'],
  cx: Pick<Context, 'env'>,
  where: Where = {},
): readonly SecretFileRequirement[] {
  const { profile } = cx.env;
  if (profile.kind === 'libvirt') return [];
  return [{ type: 'secret-file', device, path: secretFile(profile.runDir, id), secret, ...fromPlace(where) }];
}
