import { dirname } from 'node:path';
import { fail } from '../errors/index.ts';
import { withFileLock } from '../host/lock.ts';
import type { Plan } from '../plan/index.ts';
import type { MachineContext } from './context.ts';
import { machineErrors } from './errors.ts';
import { lockFile, machineFiles, machinesDirectory, uuidsLock } from './files.ts';
import { ensureDirectory } from './host-files.ts';
import { LOCK_TIMEOUT_MS } from './lock.ts';
import { observe } from './state.ts';

/**
 * Runs `claim`, which writes the UUID into the machine's run directory, unless another machine has it: a UUID is one
 * machine's, also of those that are not defined and of those that are being started at this moment.
 * @throws QdomError `machine/uuid-taken`, `host/locked`
 */
export async function claimUuid<T>(
  cx: MachineContext,
  { name, uuid }: Pick<Plan, 'name' | 'uuid'>,
  claim: () => Promise<T>,
): Promise<T> {
  const path = uuidsLock(cx.directories);
  ensureDirectory(cx.host, dirname(path));
  return withFileLock(cx.host, path, LOCK_TIMEOUT_MS, async () => {
    for (const other of cx.host.listDirectory(machinesDirectory(cx.directories)))
      if (other !== name && hasUuid(cx, other, uuid))
        throw fail(machineErrors['uuid-taken'], { name: other, uuid });
    return await claim();
  });
}

/** A start that did not come to its end has its UUID as long as it goes on, or its QEMU lives. */
function hasUuid(cx: MachineContext, name: string, uuid: string): boolean {
  const seen = observe(cx.host, machineFiles(cx.directories, name));
  if (seen.kind === 'alive') return seen.state.uuid === uuid;
  if (seen.kind !== 'unfinished' || seen.state?.uuid !== uuid) return false;
  return seen.qemu !== undefined || isLocked(cx, name);
}

function isLocked({ host, directories }: MachineContext, name: string): boolean {
  const fd = host.tryLock(lockFile(directories, name));
  if (fd !== undefined) host.closeDescriptor(fd);
  return fd === undefined;
}
