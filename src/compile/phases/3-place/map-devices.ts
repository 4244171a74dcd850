import type { DeviceKind, ParsedDomain } from '../../domain.ts';
import type { DeviceBase } from '../../shared/device-base.ts';

/** The domain with every device of some kinds replaced, kind by kind in the given order; the same domain if none is. */
export function mapDevices(
  domain: ParsedDomain,
  kinds: readonly DeviceKind[],
  change: (device: DeviceBase, kind: DeviceKind) => DeviceBase,
): ParsedDomain {
  const changed: Partial<Record<DeviceKind, readonly DeviceBase[]>> = {};
  let isChanged = false;
  for (const kind of kinds) {
    const before = domain.devices[kind] as readonly DeviceBase[];
    if (before.length === 0) continue;
    const after = before.map((device) => change(device, kind));
    if (after.every((device, i) => device === before[i])) continue;
    changed[kind] = after;
    isChanged = true;
  }
  return isChanged ? ({ ...domain, devices: { ...domain.devices, ...changed } } as ParsedDomain) : domain;
}
