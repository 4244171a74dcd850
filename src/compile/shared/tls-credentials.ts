import {
  type CompileEnv,
  type HostRequirement,
  jsonOption,
  type Origin,
  type QemuOption,
} from '../../plan/index.ts';
import { secretObject, secretRequirement } from './secret.ts';

export interface TlsCredentials {
  readonly id: string;
  /** The directory of the certificates. */
  readonly dir: string;
  readonly endpoint: 'server' | 'client';
  /** The secret with the password of the private key. */
  readonly secret: string | undefined;
  /** The alias of the device that it is for. */
  readonly device: string;
}

/** `-object tls-creds-x509`, and the password of its key where that has one. */
export function tlsCredentials(
  { id, dir, endpoint, secret, device }: TlsCredentials,
  env: CompileEnv,
  from?: Origin,
): { readonly options: readonly QemuOption[]; readonly host: readonly HostRequirement[] } {
  const passwordid = tlsSecretId(id);
  const credentials = jsonOption(
    '-object',
    {
      'qom-type': 'tls-creds-x509',
      id,
      dir,
      endpoint,
      'verify-peer': true,
      ...(secret !== undefined && { passwordid }),
    },
    from,
  );
  if (secret === undefined) return { options: [credentials], host: [] };
  return {
    options: [secretObject(passwordid, { env }, from), credentials],
    host: secretRequirement(device, passwordid, { type: 'tls', uuid: secret }, { env }),
  };
}

/** The id of the password of a key. */
function tlsSecretId(id: string): string {
  return `${id}-secret0`;
}
