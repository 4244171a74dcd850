import { fail, QdomError } from '../../errors/index.ts';
import type { HostRequirement, PciFunctionRequirement } from '../../plan/index.ts';
import { alone } from '../owners.ts';
import { type Binding, bindingOf, bindTo, resetFunction, restoreBinding } from '../pci/binding.ts';
import { pciErrors } from '../pci/errors.ts';
import { driverOf, functionText, groupOf, isBridge, isThere } from '../pci/functions.ts';
import { type CardLink, linkOfCard, restoreLink } from '../pci/link.ts';
import { nodeDeviceName } from '../pci/names.ts';
import {
  checkGroup,
  checkVfio,
  driverName,
  giveNode,
  giveNodeBack,
  groupNode,
  isGroupInUse,
  isVfioDriver,
  type NodeOwner,
  nodeOwner,
  VFIO_PCI,
} from '../pci/vfio.ts';
import type { HostSystem } from '../system.ts';
import { waitUntil } from '../wait.ts';
import type { HostStep } from './step.ts';

export interface PciFunctionRecord {
  readonly function: string;
  /** The driver that QEMU reaches it by. */
  readonly driver: string;
  /** What it is given back to; absent where nothing is changed. */
  readonly before?: Binding;
  /** Whose the group's node was, if it was there and QEMU's user may be given it. */
  readonly node?: NodeOwner;
  /** The interface that goes away with the card's driver. */
  readonly link?: CardLink;
  readonly [key: string]: unknown;
}

/** A PCI function of the host is taken from its driver and given to vfio-pci, by which QEMU reaches it; and given back. */
export const pciFunctionStep: HostStep<PciFunctionRequirement, PciFunctionRecord> = {
  type: 'pci-function',

  describe: ({ function: address, managed, driver = VFIO_PCI }) => ({
    act: managed
      ? `take the PCI function '${address}' from its driver, bind it to ${driver} and reset it`
      : `reset the PCI function '${address}', which ${driver} has already`,
    undo: managed ? 'reset, and its former driver has it again' : 'reset; it stays where it was',
  }),

  owns: ({ function: address }, host) => {
    const group = host && groupOf(host, address);
    return [alone(`pci:${address}`), ...(group === undefined ? [] : [alone(`iommu-group:${group}`)])];
  },

  async check(requirement, host, all) {
    const { device, function: address, managed } = requirement;
    const driver = driverName(host, requirement.driver);
    if (!isThere(host, address)) throw fail(pciErrors['function-missing'], { device, function: address });
    if (isBridge(host, address)) throw fail(pciErrors.bridge, { device, function: address });
    checkVfio(host, device, address, driver);
    const bound = driverOf(host, address);
    if (managed) checkVirtualFunctions(requirement, host, bound);
    else if (bound === undefined || !isVfioDriver(bound))
      throw fail(pciErrors['function-unbound'], {
        device,
        function: address,
        driver: bound ?? 'no driver',
        name: nodeDeviceName(address),
      });
    checkGroup(host, device, address, new Set(all.flatMap(assignedFunction)));
    const group = groupOf(host, address) ?? '';
    if (isGroupInUse(host, group)) throw fail(pciErrors['function-busy'], { function: address, group });
  },

  async intend({ function: address, managed, driver: wanted }, host, { qemu }) {
    const driver = driverName(host, wanted);
    const node = qemu && nodeOwner(host, groupOf(host, address) ?? '');
    const link = managed ? linkOfCard(host, address) : undefined;
    return {
      function: address,
      driver,
      ...(managed && { before: bindingOf(host, address) }),
      ...(node && { node }),
      ...(link && { link }),
    };
  },

  async apply({ device, function: address, managed }, intent, host, { qemu }) {
    if (managed) await bindTo(host, address, intent.driver);
    const group = groupOf(host, address) ?? '';
    const node = groupNode(group);
    if (!(await waitUntil(() => host.mayUse(node), NODE_TIMEOUT_MS)))
      throw fail(pciErrors['vfio-unusable'], {
        device,
        reason: `${node} cannot be opened ${NODE_TIMEOUT_MS} ms after '${address}' was bound`,
      });
    giveNode(host, group, qemu);
    resetFunction(host, address);
    return intent;
  },

  async undo({ function: address, driver, before, node, link }, host) {
    if (driverOf(host, address) === driver) tryReset(host, address);
    if (node !== undefined) giveNodeBack(host, node);
    if (before === undefined) return;
    await restoreBinding(host, address, driver, before);
    if (link !== undefined && driverOf(host, address) === before.driver)
      await restoreLink(host, address, link);
  },
};

/** udev makes the node where devtmpfs does not. */
const NODE_TIMEOUT_MS = 5_000;

function assignedFunction(requirement: HostRequirement): readonly string[] {
  return requirement.type === 'pci-function' ? [requirement.function] : [];
}

/**
 * Virtual functions would go away with the driver, and could not be given back.
 * @throws QdomError `pci/function-has-vfs`.
 */
export function checkVirtualFunctions(
  { device, function: address }: Pick<PciFunctionRequirement, 'device' | 'function'>,
  host: HostSystem,
  bound: string | undefined,
): void {
  const count = Number(functionText(host, address, 'sriov_numvfs') ?? 0);
  if (count > 0 && bound !== undefined && !isVfioDriver(bound))
    throw fail(pciErrors['function-has-vfs'], { device, function: address, count });
}

/** What the guest has left in it: the driver that gets it resets it too, and vfio-pci has done so when QEMU closed it. */
function tryReset(host: HostSystem, address: string): void {
  try {
    resetFunction(host, address);
  } catch (error) {
    if (!(error instanceof QdomError)) throw error;
  }
}
