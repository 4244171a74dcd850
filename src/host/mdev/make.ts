import { fail, messageOf } from '../../errors/index.ts';
import type { MediatedDevice } from '../../plan/index.ts';
import { groupNode, isGroupInUse } from '../pci/vfio.ts';
import type { HostSystem } from '../system.ts';
import { waitUntil } from '../wait.ts';
import { mdevErrors } from './errors.ts';
import {
  isMdevThere,
  mdevGroup,
  mdevOrigin,
  mdevParents,
  mdevPath,
  mdevTypes,
  typesDirectory,
} from './sysfs.ts';

/** How long a driver may take to make a device or to take it away, and whoever has it open to close it. */
const TIMEOUT_MS = 5_000;

/**
 * Whether a device that is not there can be made; changes nothing.
 * @param others what else is going to be made with it
 * @throws QdomError `mdev/no-parent`, `mdev/no-type`, `mdev/no-instances`.
 */
export function checkMakeable(
  host: HostSystem,
  { uuid, parent, type }: MediatedDevice,
  others: readonly MediatedDevice[] = [],
): void {
  const parents = mdevParents(host);
  if (!parents.includes(parent)) throw fail(mdevErrors['no-parent'], { uuid, parent, parents });
  const types = mdevTypes(host, parent);
  const found = types.find(({ id }) => id === type);
  if (found === undefined) {
    const known = types.map(({ id }) => id);
    throw fail(mdevErrors['no-type'], { uuid, parent, mdevType: type, types: known });
  }
  const wanted = 1 + others.filter((o) => o.parent === parent && o.type === type).length;
  const free = found.availableInstances;
  if (free < wanted) throw fail(mdevErrors['no-instances'], { uuid, parent, mdevType: type, wanted, free });
}

/**
 * Makes a device that is not there and sets its attributes in their order.
 * @throws QdomError `mdev/not-made`, `mdev/attribute-refused`: something of it may be there then.
 */
export async function makeMdev(
  host: HostSystem,
  { uuid, parent, type, attributes }: MediatedDevice,
): Promise<void> {
  const file = `${typesDirectory(parent)}/${type}/create`;
  const refused = (reason: string, cause?: unknown) =>
    fail(mdevErrors['not-made'], { uuid, file, reason }, { cause });
  try {
    host.overwrite(file, uuid);
  } catch (cause) {
    throw refused(messageOf(cause), cause);
  }
  if (!(await waitUntil(() => isMdevThere(host, uuid), TIMEOUT_MS)))
    throw refused(`'${mdevPath(uuid)}' did not come within ${TIMEOUT_MS} ms`);
  for (const { name, value } of attributes) {
    const path = `${mdevPath(uuid)}/${name}`;
    try {
      // It would be made as a file, which sysfs says less clearly.
      if (host.status(path) === undefined) throw new Error('there is no such attribute');
      host.overwrite(path, value);
    } catch (cause) {
      throw fail(mdevErrors['attribute-refused'], { uuid, name, value, reason: messageOf(cause) }, { cause });
    }
  }
}

/**
 * Removes a device, when whoever has it open has closed it, `patienceMs` at the most; does nothing where it is not there, or is another one of that UUID by now.
 * @throws QdomError `mdev/busy` (a write into `remove` could wait for that process without end), `mdev/not-removed`.
 */
export async function removeMdev(
  host: HostSystem,
  { uuid, parent, type }: Pick<MediatedDevice, 'uuid' | 'parent' | 'type'>,
  { patienceMs = TIMEOUT_MS }: { readonly patienceMs?: number } = {},
): Promise<void> {
  if (!isMdevThere(host, uuid)) return;
  const now = mdevOrigin(host, uuid);
  if (now.parent !== parent || now.type !== type) return;
  const group = mdevGroup(host, uuid);
  if (group !== undefined && !(await waitUntil(() => !isGroupInUse(host, group), patienceMs)))
    throw fail(mdevErrors.busy, { uuid, node: groupNode(group) });
  try {
    host.overwrite(`${mdevPath(uuid)}/remove`, '1');
  } catch (cause) {
    if (isMdevThere(host, uuid))
      throw fail(mdevErrors['not-removed'], { uuid, reason: messageOf(cause) }, { cause });
  }
  if (!(await waitUntil(() => !isMdevThere(host, uuid), TIMEOUT_MS)))
    throw fail(mdevErrors['not-removed'], { uuid, reason: `it was still there after ${TIMEOUT_MS} ms` });
}
