import { fail } from '../../errors/index.ts';
import { type Credentials, mayOpen } from '../credentials.ts';
import type { HostSystem } from '../system.ts';
import { pciErrors } from './errors.ts';
import { driverOf, groupMembers, groupOf, isBridge } from './functions.ts';
import { iommuOf, refusesInterrupts } from './iommu.ts';

/** The driver that gives a function to user space (Documentation/driver-api/vfio.rst). */
export const VFIO_PCI = 'vfio-pci';

/** Drivers that do nothing with a function: vfio-pci, its variants for single devices, and pci-stub. */
export function isVfioDriver(driver: string): boolean {
  return /(?:^|[-_])vfio(?:[-_]|$)/.test(driver);
}

/** A driver's name as sysfs has it: that of its module may have the other dashes. */
export function driverName(host: HostSystem, wanted = VFIO_PCI): string {
  const spellings = [wanted, wanted.replaceAll('-', '_'), wanted.replaceAll('_', '-')];
  return spellings.find((name) => host.status(`/sys/bus/pci/drivers/${name}`) !== undefined) ?? wanted;
}

/** Where user space opens a group. */
export function groupNode(group: string): string {
  return `/dev/vfio/${group}`;
}

/** Whose a group's node is. */
export interface NodeOwner {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
}

/** Whose it is now; undefined where it is not there: it comes with the first function of the group, and goes with the last. */
export function nodeOwner(host: HostSystem, group: string): NodeOwner | undefined {
  const path = groupNode(group);
  const status = host.status(path);
  return status && { path, uid: status.uid, gid: status.gid };
}

/** Lets QEMU's user open a group. */
export function giveNode(host: HostSystem, group: string, qemu: Credentials | undefined): void {
  const path = groupNode(group);
  const status = host.status(path);
  if (qemu !== undefined && status !== undefined && !mayOpen(status, 'write', qemu))
    host.changeOwner(path, qemu.uid, qemu.gid);
}

/** Gives it back to whoever it belonged to, if it is still there. */
export function giveNodeBack(host: HostSystem, { path, uid, gid }: NodeOwner): void {
  const status = host.status(path);
  if (status !== undefined && (status.uid !== uid || status.gid !== gid)) host.changeOwner(path, uid, gid);
}

/** Whether a process has the group open: the kernel lets one only. */
export function isGroupInUse(host: HostSystem, group: string): boolean {
  if (host.status(groupNode(group)) === undefined) return false;
  try {
    host.closeDescriptor(host.openDevice(groupNode(group)));
    return false;
  } catch (error) {
    // Whoever may not open it at all is told so elsewhere.
    return (error as NodeJS.ErrnoException).code === 'EBUSY';
  }
}

/**
 * Whether the kernel can give a function to QEMU: an IOMMU that isolates it, vfio, and its driver.
 * @throws QdomError `pci/iommu-missing`, `pci/interrupts-not-remapped`, `pci/vfio-unusable`, `pci/driver-missing`.
 */
export function checkVfio(host: HostSystem, device: string, address: string, driver: string): void {
  if (groupOf(host, address) === undefined)
    throw fail(pciErrors['iommu-missing'], { device, function: address, ...whyNoGroup(host) });
  if (refusesInterrupts(host))
    throw fail(pciErrors['interrupts-not-remapped'], { device, function: address });
  if (host.status(`/sys/bus/pci/drivers/${driver}`) === undefined)
    throw fail(pciErrors['driver-missing'], { device, driver });
  checkContainer(host, device);
}

function whyNoGroup(host: HostSystem): { readonly found: string; readonly remedy: string } {
  const iommu = iommuOf(host);
  if (iommu.state === 'off') return iommu;
  return {
    found: `it is in none of the ${iommu.groups} groups`,
    remedy: 'the firmware may have left it out; another slot, or a newer firmware, may help',
  };
}

/** @throws QdomError `pci/vfio-unusable`. */
export function checkContainer(host: HostSystem, device: string): void {
  const path = '/dev/vfio/vfio';
  if (host.status(path) === undefined)
    throw fail(pciErrors['vfio-unusable'], { device, reason: `${path} is not there` });
  if (!host.mayUse(path))
    throw fail(pciErrors['vfio-unusable'], { device, reason: `no permission to open ${path}` });
}

/**
 * Whether the whole IOMMU group may be the guest's: what one of its functions may reach, all may. Each endpoint is the
 * machine's own (`assigned`), has no driver, or one that leaves it alone; bridges carry only.
 * @throws QdomError `pci/group-shared` with all that stand against it and their drivers.
 */
export function checkGroup(
  host: HostSystem,
  device: string,
  address: string,
  assigned: ReadonlySet<string>,
): void {
  const group = groupOf(host, address) ?? '';
  const others = groupMembers(host, group).flatMap((member) => {
    const driver = driverOf(host, member);
    const isSafe =
      driver === undefined || driver === 'pci-stub' || isVfioDriver(driver) || isBridge(host, member);
    return isSafe || assigned.has(member) ? [] : [{ member, driver }];
  });
  if (others.length > 0) throw fail(pciErrors['group-shared'], { device, function: address, group, others });
}
