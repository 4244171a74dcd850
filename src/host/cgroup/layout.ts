import { fail } from '../../errors/index.ts';
import { mountsOf } from '../mounts.ts';
import type { HostSystem } from '../system.ts';
import { cgroupErrors } from './errors.ts';

/** A controller of cgroups in the kernel's words. In version 2 `devices` is none: any group can have a program that decides. */
export type Controller = 'cpu' | 'cpuset' | 'memory' | 'io' | 'devices';

/** Where a controller's groups are made. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly mount: string;
}

/** Version 1 calls it differently. */
const NAMES_V1: Readonly<Record<Controller, string>> = {
  cpu: 'cpu',
  cpuset: 'cpuset',
  memory: 'memory',
  io: 'blkio',
  devices: 'devices',
};

/**
 * Where the controller is: a hierarchy of version 1 has it, or that of version 2 (kernel: admin-guide/cgroup-v1, cgroup-v2;
 * no controller is in both).
 * @throws QdomError `host/cgroup-missing`.
 */
export function hierarchyOf(controller: Controller, device: string, host: HostSystem): Hierarchy {
  const found = findHierarchy(controller, host);
  if (found === undefined) throw fail(cgroupErrors['cgroup-missing'], { controller, device });
  return found;
}

/** The same; undefined if there is none. */
export function findHierarchy(controller: Controller, host: HostSystem): Hierarchy | undefined {
  for (const { path: mount, type, options } of mountsOf(host)) {
    if (type === 'cgroup' && options.includes(NAMES_V1[controller])) return { version: 1, mount };
    if (type === 'cgroup2' && (controller === 'devices' || controllersIn(mount, host).includes(controller)))
      return { version: 2, mount };
  }
  return undefined;
}

export function controllersIn(group: string, host: HostSystem): readonly string[] {
  return (host.readText(`${group}/cgroup.controllers`) ?? '').trim().split(' ');
}
