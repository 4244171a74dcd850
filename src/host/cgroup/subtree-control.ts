import { fail, messageOf } from '../../errors/index.ts';
import type { Claim } from '../owners.ts';
import type { HostSystem } from '../system.ts';
import { cgroupErrors } from './errors.ts';
import { type Controller, controllersIn } from './layout.ts';

/** The groups around `group`, from the top of its hierarchy down, and itself. */
function chain(mount: string, group: string): readonly string[] {
  const names = group.slice(mount.length).split('/').filter(Boolean);
  return [mount, ...names.map((_, index) => `${mount}/${names.slice(0, index + 1).join('/')}`)];
}

/**
 * A controller of version 2 that is turned on in `parent` and all around it. Machines share that: the last of them turns
 * off what the first had to turn on.
 */
export function controllerClaims(controller: Controller, mount: string, parent: string): readonly Claim[] {
  return chain(mount, parent).map((group) => ({
    resource: `cgroup-controller:${group}:${controller}`,
    isShared: true,
    undoOfLast: (host) =>
      isOn(controller, group, host)
        ? undefined
        : { kind: 'write', file: controlFile(group), text: `-${controller}` },
  }));
}

/**
 * Turns a controller on for the groups inside of `parent`, from the top on (kernel: cgroup-v2 "Enabling and Disabling").
 * @throws QdomError `host/cgroup-refused`.
 */
export function enableIn(controller: Controller, mount: string, parent: string, host: HostSystem): void {
  for (const group of chain(mount, parent)) enable(controller, group, host);
}

/** The same in one group. */
export function enable(controller: Controller, group: string, host: HostSystem): void {
  if (isOn(controller, group, host)) return;
  const file = controlFile(group);
  const value = `+${controller}`;
  if (!controllersIn(group, host).includes(controller))
    throw fail(cgroupErrors['cgroup-refused'], {
      file,
      value,
      reason: 'the controller is not turned on in the group around it',
    });
  try {
    host.overwrite(file, value);
  } catch (cause) {
    const busy = (cause as NodeJS.ErrnoException).code === 'EBUSY';
    const why = busy
      ? ' (processes are in this very group: they have to be moved into one inside of it)'
      : '';
    const reason = `${messageOf(cause)}${why}`;
    throw fail(cgroupErrors['cgroup-refused'], { file, value, reason }, { cause });
  }
}

function isOn(controller: Controller, group: string, host: HostSystem): boolean {
  return (host.readText(controlFile(group)) ?? '').trim().split(' ').includes(controller);
}

function controlFile(group: string): string {
  return `${group}/cgroup.subtree_control`;
}
