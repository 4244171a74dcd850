import type { HostRequirement } from '../plan/index.ts';

/** Descriptors that this process has open, by the name of the group that a domain knows them by. A start takes them over. */
export type FdGroups = Readonly<Record<string, readonly number[]>>;

/**
 * The requirements with the descriptors that were given for them. They are of this start alone: a machine that is started again
 * by itself has none, and is refused.
 */
export function withDescriptors(
  requirements: readonly HostRequirement[],
  groups: FdGroups = {},
): readonly HostRequirement[] {
  return requirements.map((one) => {
    const given = one.type === 'fd-group' && Object.hasOwn(groups, one.group) ? groups[one.group] : undefined;
    return given === undefined ? one : { ...one, given };
  });
}
