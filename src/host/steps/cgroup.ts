import { fail } from '../../errors/index.ts';
import type { CgroupRequirement } from '../../plan/index.ts';
import { allowDevices } from '../cgroup/devices.ts';
import { cgroupErrors } from '../cgroup/errors.ts';
import { type Controller, findHierarchy, type Hierarchy, hierarchyOf } from '../cgroup/layout.ts';
import { innerBudget, realtimeBudget, realtimeValue } from '../cgroup/realtime.ts';
import {
  checkScope,
  endHolder,
  endScope,
  intendScope,
  type Scope,
  type ScopeRecord,
  scopeOf,
  startScope,
} from '../cgroup/scope.ts';
import { controllerClaims, enable, enableIn } from '../cgroup/subtree-control.ts';
import { bandwidth, groupValues, wantedControllers } from '../cgroup/values.ts';
import { checkWeighed } from '../cgroup/weighed.ts';
import { inheritCpuset, writeValue } from '../cgroup/write.ts';
import { unlessCode } from '../directories.ts';
import { alone, type Claim } from '../owners.ts';
import type { HostSystem } from '../system.ts';
import { waitUntil } from '../wait.ts';
import type { HostStep, Made } from './step.ts';

export interface CgroupRecord {
  /** Every group that is made, the outer before the inner. */
  readonly groups: readonly string[];
  /** What systemd has made around them. */
  readonly scope?: ScopeRecord;
  readonly [key: string]: unknown;
}

/** A control group of the machine's own in every hierarchy that something is asked of. QEMU enters it before it is QEMU. */
export const cgroupStep: HostStep<CgroupRequirement, CgroupRecord> = {
  type: 'cgroup',

  describe: (requirement) => ({
    act: `make the cgroup '${groupName(requirement)}' of ${wantedControllers(requirement).join(', ')} and start QEMU in it`,
    undo: 'it is removed; controllers that were turned on for it are turned off by the last machine that needs them',
  }),

  owns: (requirement, host) => [
    alone(`cgroup:${requirement.partition ?? ''}/${groupName(requirement)}`),
    ...(host === undefined ? [] : sharedControllers(requirement, host)),
  ],

  async check(requirement, host) {
    const { device, partition = '/' } = requirement;
    const places = hierarchiesOf(requirement, host);
    const parents = places.filter(({ scope }) => scope === undefined).map(({ parent }) => parent);
    const paths = [...new Set(parents)].filter((parent) => host.status(parent)?.kind !== 'directory');
    if (paths.length > 0) throw fail(cgroupErrors['partition-missing'], { device, partition, paths });
    for (const place of places) {
      const { controller, version, scope, parent, group } = place;
      if (scope !== undefined) checkScope(device, host);
      for (const path of scope === undefined ? [group] : [parent, group])
        if (host.status(path) !== undefined)
          throw fail(cgroupErrors['cgroup-exists'], { device, group: path });
      groupValues(controller, version, requirement, host);
      if (controller === 'io') checkWeighed(requirement, place, host);
    }
    budgetOf(requirement, host);
  },

  async intend(requirement, host, _made, owners) {
    const hierarchies = hierarchiesOf(requirement, host);
    const inner = threadGroups(requirement, host).map(({ path }) => path);
    const scope = hierarchies.find((hierarchy) => hierarchy.scope !== undefined)?.scope;
    return {
      groups: [...new Set([...hierarchies.map(({ group }) => group), ...inner])],
      ...(scope && { scope: intendScope(scope, owners.directory, requirement.device, host) }),
    };
  },

  async apply(requirement, intent, host, made) {
    const hierarchies = hierarchiesOf(requirement, host);
    if (intent.scope !== undefined) await enterScope(intent.scope, hierarchies, host);
    for (const { mount, parent, version, scope, controller } of hierarchies)
      if (version === 2 && scope === undefined && controller !== 'devices')
        enableIn(controller, mount, parent, host);
    for (const group of intent.groups) unlessCode('EEXIST', () => host.makeDirectory(group, GROUP_MODE));
    for (const { group, version, controller } of hierarchies) {
      if (version === 1 && controller === 'cpuset') inheritCpuset(group, host);
      for (const value of groupValues(controller, version, requirement, host)) writeValue(group, value, host);
      if (controller === 'devices' && requirement.devices !== undefined)
        allowDevices(version, group, requirement.devices, host);
    }
    const budget = budgetOf(requirement, host);
    if (budget !== undefined) writeValue(budget.group, realtimeValue(budget.ofAll), host);
    prepareThreadGroups(requirement, host, made);
    for (const path of budget?.inner ?? []) writeValue(path, realtimeValue(budget?.ofEach ?? 0), host);
    for (const group of new Set(hierarchies.map((h) => h.group))) made.cgroups.push(group);
    return intent;
  },

  async undo({ groups, scope }, host) {
    if (scope !== undefined) await endHolder(scope, host);
    for (const group of [...groups].reverse()) await removeGroup(group, host);
    if (scope !== undefined) await endScope(scope, host);
  },
};

const GROUP_MODE = 0o755;

function groupName({ device }: Pick<CgroupRequirement, 'device'>): string {
  return `qdom-${device}`;
}

/** What is turned on in version 2, where that is ours to do. */
function sharedControllers(requirement: CgroupRequirement, host: HostSystem): readonly Claim[] {
  return wantedControllers(requirement).flatMap((controller) => {
    const hierarchy = findHierarchy(controller, host);
    if (hierarchy?.version !== 2 || controller === 'devices') return [];
    const { scope, parent } = placeOf(hierarchy, requirement, host);
    return scope === undefined ? controllerClaims(controller, hierarchy.mount, parent) : [];
  });
}

interface Place extends Hierarchy {
  readonly controller: Controller;
  readonly scope?: Scope;
  readonly parent: string;
  readonly group: string;
}

function hierarchiesOf(requirement: CgroupRequirement, host: HostSystem): readonly Place[] {
  return wantedControllers(requirement).map((controller) => {
    const hierarchy = hierarchyOf(controller, requirement.device, host);
    const { scope, parent } = placeOf(hierarchy, requirement, host);
    const group = `${parent}/${groupName(requirement)}`;
    return { ...hierarchy, controller, parent, group, ...(scope && { scope }) };
  });
}

function placeOf(hierarchy: Hierarchy, { device, partition }: CgroupRequirement, host: HostSystem) {
  const scope = scopeOf(hierarchy, { name: groupName({ device }), partition }, host);
  return { scope, parent: scope?.path ?? `${hierarchy.mount}${partition ?? ''}`.replace(/\/+$/, '') };
}

/** Who keeps the scope goes into the group inside: with a process in the scope itself, nothing can be turned on for it. */
async function enterScope(
  record: ScopeRecord,
  hierarchies: readonly Place[],
  host: HostSystem,
): Promise<void> {
  const pid = await startScope(record, host);
  for (const { scope, parent, group, controller } of hierarchies) {
    if (scope === undefined) continue;
    unlessCode('EEXIST', () => host.makeDirectory(group, GROUP_MODE));
    host.overwrite(`${group}/cgroup.procs`, String(pid));
    if (controller !== 'devices') enable(controller, parent, host);
  }
}

function threadGroups(requirement: CgroupRequirement, host: HostSystem) {
  const cpu = hierarchiesOf(requirement, host).find(({ controller }) => controller === 'cpu');
  if (cpu === undefined) return [];
  return requirement.threadGroups.map((group) => ({ ...group, cpu, path: `${cpu.group}/${group.name}` }));
}

/** What real-time threads may use in version 1; undefined if there are none or nothing is divided. */
function budgetOf(requirement: CgroupRequirement, host: HostSystem) {
  const cpu = hierarchiesOf(requirement, host).find(({ controller }) => controller === 'cpu');
  if (requirement.realtime !== true || cpu?.version !== 1) return undefined;
  const ofAll = realtimeBudget(cpu.group, host);
  if (ofAll === undefined) return undefined;
  const groups = requirement.threadGroups.filter(({ realtime }) => realtime === true);
  const inner = groups.map(({ name }) => `${cpu.group}/${name}`);
  return { group: cpu.group, ofAll, inner, ofEach: innerBudget(ofAll, inner.length) };
}

/** In version 2 single threads can be in groups of their own if these are `threaded` (kernel: cgroup-v2 "Threads"). */
function prepareThreadGroups(requirement: CgroupRequirement, host: HostSystem, made: Made): void {
  for (const { path, name, cpu, ...limits } of threadGroups(requirement, host)) {
    if (cpu.version === 2) {
      writeValue(path, { files: ['cgroup.type'], value: 'threaded' }, host);
      enable('cpu', cpu.group, host);
    }
    for (const value of bandwidth(cpu.version, limits)) writeValue(path, value, host);
    made.threadFiles.set(name, `${path}/${cpu.version === 2 ? 'cgroup.threads' : 'tasks'}`);
  }
}

const EMPTY_TIMEOUT_MS = 10_000;

/** The kernel may need a moment after QEMU's end. */
async function removeGroup(group: string, host: HostSystem): Promise<void> {
  let busy: unknown;
  const removed = await waitUntil(() => {
    try {
      if (host.status(group) !== undefined) unlessCode('ENOENT', () => host.removeDirectory(group));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      busy = error;
      return false;
    }
  }, EMPTY_TIMEOUT_MS);
  if (!removed) throw busy;
}
