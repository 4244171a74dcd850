import { controllerName } from '../../devices/controller/id.ts';
import { diskId } from '../../devices/disk/index.ts';
import { hostdevId, interfaceId } from '../../devices/interface/index.ts';
import { DEVICE_KINDS, type DeviceKind, type Domain, type ParsedDomain } from '../../domain.ts';
import { changed } from '../../shared/changed.ts';
import type { DeviceBase } from '../../shared/device-base.ts';

/** What a device is called in QEMU, where it is not its kind and its position. */
const PREFIX: Partial<Record<DeviceKind, string>> = {
  filesystem: 'fs',
  memballoon: 'balloon',
  redirdev: 'redir',
};

/** Kinds that are counted without the devices that the user named. */
const COUNTED_UNNAMED: ReadonlySet<DeviceKind> = new Set(['filesystem', 'rng', 'crypto']);

/** Kinds that are not named by their position alone. */
const NAMED: { readonly [K in DeviceKind]?: (device: never, domain: Domain) => string } = {
  disk: diskId,
  interface: interfaceId,
  hostdev: hostdevId,
  controller: controllerName,
};

/** Every device's id: the alias that the user gave, else libvirt's alias, so that both name it alike. */
export function assignIds(domain: ParsedDomain): Domain {
  const devices: Partial<Record<DeviceKind, readonly DeviceBase[]>> = {};
  for (const kind of DEVICE_KINDS) {
    const unnamed = domain.devices[kind] as readonly DeviceBase[];
    if (unnamed.length === 0) continue;
    let named = 0;
    const withIds = unnamed.map((device, position) => {
      const number = COUNTED_UNNAMED.has(kind) ? position - named : position;
      if (device.alias !== undefined) named++;
      const id = device.alias ?? device.id ?? nameOf(kind, device, number, domain);
      return id === device.id ? device : changed(device, { id });
    });
    if (withIds.some((device, i) => device !== unnamed[i])) devices[kind] = withIds;
  }
  return { ...domain, devices: { ...domain.devices, ...devices } } as Domain;
}

function nameOf(kind: DeviceKind, device: DeviceBase, number: number, domain: ParsedDomain): string {
  const named = NAMED[kind];
  return named?.(device as never, domain as Domain) ?? `${PREFIX[kind] ?? kind}${number}`;
}
