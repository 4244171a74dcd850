import { join } from 'node:path';
import type { MachineContext } from './context.ts';

/** Our own canonical print. */
const PERSISTENT = /<backend [^>]*persistent_state='yes'/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Removes what the emulated TPM of a domain has kept, when the domain is no more: a transient one has ended, or one was
 * undefined. `persistent_state='yes'` keeps it (format: "TPM device"), and so does a place that the domain names.
 */
export function forgetTpm(
  { host, directories }: Pick<MachineContext, 'host' | 'directories'>,
  { uuid, domainXml }: { readonly uuid: string; readonly domainXml: string },
): void {
  if (PERSISTENT.test(domainXml) || !UUID.test(uuid)) return;
  host.removeTree(join(directories.state, 'swtpm', uuid));
}
