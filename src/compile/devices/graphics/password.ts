import { Secret } from '../../../errors/index.ts';
import type { QmpCall } from '../../../plan/index.ts';
import type { Spice, Vnc } from './schema.ts';

const MILLISECONDS = 1000;

/**
 * Sets the password and its end once QEMU runs: it is never on a command line. An empty one lets nobody in.
 * QMP: `set_password`, `expire_password` (seconds since 1970).
 */
export function passwordCalls(graphics: Vnc | Spice): QmpCall[] {
  const { type: protocol, passwd, passwdValidTo, connected } = graphics;
  if (passwd === undefined) return [];
  const time = passwdValidTo === undefined ? 'never' : String(Date.parse(`${passwdValidTo}Z`) / MILLISECONDS);
  return [
    {
      execute: 'set_password',
      arguments: { protocol, password: new Secret(passwd), ...(connected && { connected }) },
    },
    { execute: 'expire_password', arguments: { protocol, time } },
  ];
}
