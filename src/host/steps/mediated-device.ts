import { fail } from '../../errors/index.ts';
import type { HostRequirement, MediatedDevice, MediatedDeviceRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { checkMakeable, makeMdev, removeMdev } from '../mdev/make.ts';
import { isMdevThere, mdevGroup, mdevParents, mdevTypes, mdevUuid, typesDirectory } from '../mdev/sysfs.ts';
import { alone } from '../owners.ts';
import { pciErrors } from '../pci/errors.ts';
import {
  checkContainer,
  giveNode,
  giveNodeBack,
  groupNode,
  isGroupInUse,
  type NodeOwner,
  nodeOwner,
} from '../pci/vfio.ts';
import type { HostSystem } from '../system.ts';
import { waitUntil } from '../wait.ts';
import type { HostStep } from './step.ts';

export interface MediatedDeviceRecord {
  /** What is made because it was not there. */
  readonly made?: MediatedDevice;
  /** Whose its group's node was, where QEMU's user may be given it. */
  readonly node?: NodeOwner;
  readonly [key: string]: unknown;
}

/** A mediated device is QEMU's alone; one that is defined and not there is made, and removed after. */
export const mediatedDeviceStep: HostStep<MediatedDeviceRequirement, MediatedDeviceRecord> = {
  type: 'mediated-device',

  describe: ({ path, definition }) =>
    definition === undefined
      ? { act: `take the mediated device '${path}'`, undo: 'QEMU gives it back at its end' }
      : {
          act: `make the mediated device '${definition.uuid}' of the type '${definition.type}' on '${definition.parent}' unless it is there, and take it`,
          undo: 'it is removed if it was made; QEMU gives it back at its end',
        },

  owns: ({ path }) => [mdevClaim(path)],

  async check({ device, path, definition }, host, all) {
    const uuid = mdevUuid(path);
    const isThere = isMdevThere(host, uuid);
    if (!isThere && definition === undefined) throw missing(host, device, path);
    if (!isThere && definition !== undefined)
      checkMakeable(host, definition, madeBefore(definition, all, host));
    checkContainer(host, device);
    const group = mdevGroup(host, uuid);
    if (group !== undefined && isGroupInUse(host, group))
      throw fail(pciErrors['function-busy'], { function: uuid, group });
  },

  async intend({ path, definition }, host, { qemu }) {
    const uuid = mdevUuid(path);
    if (!isMdevThere(host, uuid)) return definition === undefined ? {} : { made: definition };
    const group = mdevGroup(host, uuid);
    const node = qemu && group !== undefined ? nodeOwner(host, group) : undefined;
    return node === undefined ? {} : { node };
  },

  async apply({ device, path }, intent, host, { qemu }) {
    const uuid = mdevUuid(path);
    if (intent.made !== undefined) await makeMdev(host, intent.made);
    // Somebody may have removed it since it was looked at.
    if (!isMdevThere(host, uuid)) throw missing(host, device, path);
    const group = mdevGroup(host, uuid);
    if (group === undefined) return intent;
    const node = groupNode(group);
    if (!(await waitUntil(() => host.mayUse(node), NODE_TIMEOUT_MS)))
      throw fail(pciErrors['vfio-unusable'], {
        device,
        reason: `${node} of the mediated device '${uuid}' cannot be opened after ${NODE_TIMEOUT_MS} ms`,
      });
    giveNode(host, group, qemu);
    return intent;
  },

  async undo({ made, node }, host) {
    if (node !== undefined) giveNodeBack(host, node);
    if (made !== undefined) await removeMdev(host, made);
  },
};

/** udev makes the node where devtmpfs does not. */
const NODE_TIMEOUT_MS = 5_000;

/** Two domains, or a domain and who removes it, never have it at once. */
export function mdevClaim(path: string) {
  return alone(`mdev:${path}`);
}

/** What is made for the domain before this one: there must be room for all of them. */
function madeBefore(
  definition: MediatedDevice,
  all: readonly HostRequirement[],
  host: HostSystem,
): readonly MediatedDevice[] {
  const defined = all.flatMap((one) =>
    one.type === 'mediated-device' && one.definition !== undefined ? [one.definition] : [],
  );
  const own = defined.findIndex(({ uuid }) => uuid === definition.uuid);
  return defined.slice(0, Math.max(own, 0)).filter(({ uuid }) => !isMdevThere(host, uuid));
}

function missing(host: HostSystem, device: string, path: string) {
  const types = mdevParents(host).flatMap((parent) =>
    mdevTypes(host, parent).map(({ id }) => `${typesDirectory(parent)}/${id}`),
  );
  return fail(hostErrors['mdev-missing'], { device, path, uuid: mdevUuid(path), types });
}
