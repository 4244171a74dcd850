import type { ResctrlRequirement } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { type Emission, located } from '../../context.ts';
import type { Domain } from '../../domain.ts';
import { printNumberSet } from '../../shared/number-set.ts';
import { unitBytes } from '../../shared/size.ts';
import type { Cachetune, Memorytune } from './schema.ts';

/** `<cachetune>` and `<memorytune>` of the same vCPUs are one group. */
interface Group {
  readonly vcpus: readonly number[];
  readonly first: Cachetune | Memorytune;
  readonly cachetune?: Cachetune;
  readonly memorytune?: Memorytune;
}

function groupsOf({ cputune }: Domain): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const cachetune of cputune?.cachetune ?? [])
    groups.set(nameOf(cachetune.vcpus), { vcpus: cachetune.vcpus, first: cachetune, cachetune });
  for (const memorytune of cputune?.memorytune ?? []) {
    const name = nameOf(memorytune.vcpus);
    groups.set(name, { vcpus: memorytune.vcpus, first: memorytune, ...groups.get(name), memorytune });
  }
  return [...groups.values()];
}

function nameOf(vcpus: readonly number[]): string {
  return `vcpus_${printNumberSet(vcpus)}`;
}

/** The vCPUs that are watched by themselves; the group as a whole always is, if it has a share. */
function monitorsOf({ vcpus, cachetune, memorytune }: Group): readonly (readonly number[])[] {
  const hasShare = (cachetune?.cache ?? []).length + (memorytune?.node ?? []).length > 0;
  const written = [...(cachetune?.monitor ?? []), ...(memorytune?.monitor ?? [])];
  const all = new Map(written.map((monitor) => [nameOf(monitor.vcpus), monitor.vcpus]));
  if (hasShare) all.delete(nameOf(vcpus));
  return [...all.values()];
}

/** What the host has to divide for this domain's vCPUs. */
export function sharesOfCpu(domain: Domain): NonNullable<Emission['host']> {
  return groupsOf(domain).flatMap(
    (group) => located({ options: [], host: [shareOf(group, domain)] }, whereIs(group.first)).host ?? [],
  );
}

function shareOf(group: Group, domain: Domain): ResctrlRequirement {
  return {
    type: 'resctrl',
    device: domain.name,
    name: nameOf(group.vcpus),
    caches: (group.cachetune?.cache ?? []).map(({ level, id, type, size, unit }) => ({
      ...{ level, id, type },
      bytes: size * (unitBytes(unit ?? 'KiB') ?? 1n),
    })),
    bandwidths: (group.memorytune?.node ?? []).map(({ id, bandwidth }) => ({ node: id, bandwidth })),
    monitors: monitorsOf(group).map(nameOf),
  };
}

/** What one vCPU's thread enters, the group before the monitor in it; undefined for nothing. */
export function sharesOf(vcpu: number, domain: Domain): readonly string[] | undefined {
  const group = groupsOf(domain).find(({ vcpus }) => vcpus.includes(vcpu));
  if (group === undefined) return undefined;
  const monitor = monitorsOf(group).find((vcpus) => vcpus.includes(vcpu));
  const name = nameOf(group.vcpus);
  return [name, ...(monitor === undefined ? [] : [`${name} ${nameOf(monitor)}`])];
}
