import { SOURCE } from '../../../xml/index.ts';
import type { ParsedDomain } from '../../domain.ts';
import { type Iotune, limitsAnything } from '../../shared/iotune.ts';

/** A disk that only names its `<iotune>` group has the limits that another disk gives the group (format: `group_name`). */
export function joinThrottleGroups(domain: ParsedDomain): ParsedDomain {
  const groups = new Map<string, Iotune>();
  for (const { iotune } of domain.devices.disk) {
    const name = iotune?.group_name;
    if (iotune === undefined || name === undefined || groups.has(name)) continue;
    if (limitsAnything(iotune)) groups.set(name, iotune);
  }
  if (groups.size === 0) return domain;
  const disk = domain.devices.disk.map((one) => {
    const { iotune } = one;
    const limits = iotune?.group_name === undefined ? undefined : groups.get(iotune.group_name);
    return limits === undefined || limitsAnything(iotune)
      ? one
      : { ...one, iotune: { ...limits, [SOURCE]: iotune?.[SOURCE] } };
  });
  return { ...domain, devices: { ...domain.devices, disk } };
}
