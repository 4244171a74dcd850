import { join } from 'node:path';
import { dropNote, noteTemporary } from '../host/temporary-files.ts';
import type { Plan } from '../plan/index.ts';
import type { MachineContext } from './context.ts';
import { temporaryFilesDirectory } from './files.ts';

type Place = Pick<MachineContext, 'host' | 'directories'>;
type Domain = Pick<Plan, 'uuid' | 'domainXml'>;

/** Our own canonical print. */
const EMULATED = /<backend type='emulator'/;
const PERSISTENT = /<backend [^>]*persistent_state='yes'/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Where it is; undefined where it stays whatever becomes of the domain. */
function stateOf({ directories }: Place, { uuid, domainXml }: Domain): string | undefined {
  if (PERSISTENT.test(domainXml) || !UUID.test(uuid)) return undefined;
  return join(directories.state, 'swtpm', uuid);
}

/**
 * Removes what the emulated TPM of a domain has kept, when the domain is no more: a transient one has ended, or one was
 * undefined. `persistent_state='yes'` keeps it (format: "TPM device"), and so does a place that the domain names.
 */
export function forgetTpm(at: Place, domain: Domain): void {
  const state = stateOf(at, domain);
  if (state === undefined) return;
  at.host.removeTree(state);
  dropNote(at.host, temporaryFilesDirectory(at.directories), state);
}

/** Notes that it goes with the machine of this name, unless a domain is defined by then, also where a power cut ends that. */
export function noteTpm(at: Place, machine: string, domain: Domain): void {
  const path = EMULATED.test(domain.domainXml) ? stateOf(at, domain) : undefined;
  if (path === undefined) return;
  const file = { path, machine, isDirectory: true, uuid: domain.uuid };
  noteTemporary(at.host, temporaryFilesDirectory(at.directories), file);
}

/** It stays after all. */
export function dropTpmNote(at: Place, domain: Domain): void {
  const state = stateOf(at, domain);
  if (state !== undefined) dropNote(at.host, temporaryFilesDirectory(at.directories), state);
}
