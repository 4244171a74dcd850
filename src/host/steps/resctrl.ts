import { fail, messageOf } from '../../errors/index.ts';
import type { HostRequirement, ResctrlRequirement } from '../../plan/index.ts';
import { unlessCode } from '../directories.ts';
import { withFileLock } from '../lock.ts';
import { alone } from '../owners.ts';
import { allocate, RESCTRL, readGroups } from '../resctrl/allocate.ts';
import { resctrlErrors } from '../resctrl/errors.ts';
import { parseSchemata, printSchemata, type Schemata } from '../resctrl/schemata.ts';
import { isMountPoint } from '../shared-undo.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep } from './step.ts';

export interface ResctrlRecord {
  /** Every group that is made, the outer before the inner. */
  readonly groups: readonly string[];
  readonly [key: string]: unknown;
}

/**
 * A group of the CPU's resource control (kernel: arch/x86/resctrl) for some of the machine's vCPUs. Their threads enter it
 * before the guest's first instruction; with the group's end they are back in the default one.
 */
export const resctrlStep: HostStep<ResctrlRequirement, ResctrlRecord> = {
  type: 'resctrl',

  describe: (requirement) => ({
    act: `${actOf(requirement)} at '${placesOf(requirement)[0]}'`,
    undo: 'it is removed; the kernel gives its share back to the default group',
  }),

  owns: (requirement) => placesOf(requirement).map((path) => alone(`resctrl:${path}`)),

  async check(requirement, host, all) {
    if (!isMountPoint(RESCTRL, host)) throw fail(resctrlErrors['resctrl-missing'], requirement);
    const hasMonitors = host.status(`${RESCTRL}/info/L3_MON`) !== undefined;
    if (requirement.monitors.length > 0 && !hasMonitors)
      throw fail(resctrlErrors['resctrl-unavailable'], {
        device: requirement.device,
        what: 'monitors of L3',
        offers: 'none',
      });
    for (const path of placesOf(requirement))
      if (host.status(path) !== undefined)
        throw fail(resctrlErrors['resctrl-refused'], { path, reason: 'it is there already', said: '' });
    if (hasShares(requirement)) allocate(requirement, withEarlier(requirement, all, host), host);
  },

  async intend(requirement) {
    return { groups: placesOf(requirement) };
  },

  async apply(requirement, intent, host, made) {
    await locked(host, () => {
      const [first, ...monitors] = intent.groups;
      if (first === undefined) return;
      if (hasShares(requirement)) {
        const schemata = allocate(requirement, readGroups(host), host);
        attempt(first, host, () => host.makeDirectory(first, GROUP_MODE));
        write(first, schemata, host);
      } else monitors.unshift(first);
      for (const path of monitors) attempt(path, host, () => host.makeDirectory(path, GROUP_MODE));
    });
    for (const { name, path } of namedPlaces(requirement)) made.threadFiles.set(name, `${path}/tasks`);
    return intent;
  },

  async undo({ groups }, host) {
    for (const path of [...groups].reverse())
      if (host.status(path) !== undefined) unlessCode('ENOENT', () => host.removeDirectory(path));
  },
};

const GROUP_MODE = 0o755;

function hasShares({ caches, bandwidths }: ResctrlRequirement): boolean {
  return caches.length + bandwidths.length > 0;
}

function actOf(requirement: ResctrlRequirement): string {
  const { device, name, caches, bandwidths, monitors } = requirement;
  const shares = [
    ...caches.map(({ level, id, type, bytes }) => `${bytes} bytes of L${level} ${id} (${type})`),
    ...bandwidths.map(({ node, bandwidth }) => `bandwidth ${bandwidth} of node ${node}`),
    ...(monitors.length === 0 ? [] : [`${monitors.length} monitors`]),
  ];
  return `give '${name}' of '${device}' ${shares.join(', ')}`;
}

/** Where the group and its monitors are, by the names under which threads enter them. Without a share there is no group of its own. */
function namedPlaces(requirement: ResctrlRequirement) {
  const { device, name, monitors } = requirement;
  const group = `${RESCTRL}/qdom-${device}-${name}`;
  const place = (monitor: string) =>
    hasShares(requirement)
      ? `${group}/mon_groups/${monitor}`
      : `${RESCTRL}/mon_groups/qdom-${device}-${monitor}`;
  return [
    ...(hasShares(requirement) ? [{ name, path: group }] : []),
    ...monitors.map((monitor) => ({ name: `${name} ${monitor}`, path: place(monitor) })),
  ];
}

function placesOf(requirement: ResctrlRequirement): readonly string[] {
  return namedPlaces(requirement).map(({ path }) => path);
}

/** The groups of this host and those that the machine itself makes before this one. */
function withEarlier(
  requirement: ResctrlRequirement,
  all: readonly HostRequirement[],
  host: HostSystem,
): readonly [Schemata, ...Schemata[]] {
  const earlier = all.slice(0, all.indexOf(requirement)).filter((one) => one.type === 'resctrl');
  return earlier.filter(hasShares).reduce((groups, one) => {
    const [defaults, ...others] = groups;
    return [defaults, ...others, allocate(one, groups, host)];
  }, readGroups(host));
}

/** @throws QdomError `host/resctrl-refused`, also if the kernel took a mask and holds another. */
function write(group: string, schemata: Schemata, host: HostSystem): void {
  const file = `${group}/schemata`;
  for (const line of printSchemata(schemata))
    attempt(`${file}' with '${line}`, host, () => host.overwrite(file, `${line}\n`));
  const held = parseSchemata(host.readText(file) ?? '');
  for (const [resource, values] of schemata)
    for (const [id, value] of values)
      if (resource !== 'MB' && held.get(resource)?.get(id) !== value)
        throw fail(resctrlErrors['resctrl-refused'], {
          path: file,
          reason: `the kernel holds another value for ${resource} ${id} than '${value.toString(16)}'`,
          said: '',
        });
}

/** What the kernel says of the last command is in a file of its own. */
function attempt(path: string, host: HostSystem, act: () => void): void {
  try {
    act();
  } catch (cause) {
    const reason = messageOf(cause);
    const said = (host.readText(`${RESCTRL}/info/last_cmd_status`) ?? '').trim();
    throw fail(
      resctrlErrors['resctrl-refused'],
      { path, reason, said: said === 'ok' ? '' : said },
      { cause },
    );
  }
}

const LOCK_TIMEOUT_MS = 10_000;

/** Who looks for free ways and takes them holds the lock that the kernel's document asks for (resctrl, "Examples: locking"). */
function locked(host: HostSystem, body: () => void): Promise<void> {
  return withFileLock(host, RESCTRL, LOCK_TIMEOUT_MS, body);
}
