import { fail } from '../../errors/index.ts';
import type { MacvtapRequirement, TapRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { alone, type Claim } from '../owners.ts';
import type { HostSystem } from '../system.ts';

const VHOST_NET = '/dev/vhost-net';

type Link = TapRequirement | MacvtapRequirement;

/** A network interface as something that one machine has. */
export function linkResource(name: string): Claim {
  return alone(`link:${name}`);
}

/** @throws QdomError `host/vhost-net-missing`. */
export function checkVhost({ device, vhostFds, vhostDevice = VHOST_NET }: Link, host: HostSystem): void {
  if (vhostFds.length > 0 && !host.mayUse(vhostDevice))
    throw fail(hostErrors['vhost-net-missing'], { device, path: vhostDevice });
}

export function openVhost(
  { vhostFds, vhostDevice = VHOST_NET }: Link,
  host: HostSystem,
  fds: Map<string, number>,
): void {
  for (const name of vhostFds) fds.set(name, host.openDevice(vhostDevice));
}

/** Queue by queue. */
export function nameDescriptors(
  names: readonly string[],
  opened: readonly number[],
  fds: Map<string, number>,
): void {
  names.forEach((name, queue) => {
    const fd = opened[queue];
    if (fd !== undefined) fds.set(name, fd);
  });
}
