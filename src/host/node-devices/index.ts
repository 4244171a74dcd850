import { mdevGroup, mdevName, mdevOrigin, mdevPath, mdevs } from '../mdev/sysfs.ts';
import { pciFunctions } from '../pci/functions.ts';
import { nodeDeviceName } from '../pci/names.ts';
import type { HostSystem } from '../system.ts';
import type { Capability, NodeDevice } from './device.ts';
import { pciCapability } from './pci.ts';

export type { Capability, NodeDevice, PciCapability } from './device.ts';

const COMPUTER = 'computer';

interface Found {
  readonly name: string;
  /** Where its class or bus has it. */
  readonly entry: string;
  readonly capability: Capability;
}

/** The devices of the host, by name; each knows the nearest one that it is below of. */
export function nodeDevices(host: HostSystem): readonly NodeDevice[] {
  const found = [pci, usb, net, scsiHosts, scsi, storage, mdevDevices].flatMap((look) => look(host));
  const placed = found.map((one) => ({ ...one, path: host.realPath(one.entry) ?? one.entry }));
  const names = new Map(placed.map(({ path, name }) => [path, name]));
  const devices = placed.map(({ name, path, capability }): NodeDevice => {
    const driver = host.readLink(`${path}/driver`)?.split('/').at(-1);
    return {
      name,
      path,
      parent: parentOf(path, names),
      ...(driver !== undefined && { driver }),
      capability,
    };
  });
  const computer: NodeDevice = { name: COMPUTER, path: '/sys/devices', capability: { type: 'system' } };
  return [computer, ...devices.sort((a, b) => (a.name < b.name ? -1 : 1))];
}

function parentOf(path: string, names: ReadonlyMap<string, string>): string {
  const parts = path.split('/');
  for (let count = parts.length - 1; count > 1; count--) {
    const name = names.get(parts.slice(0, count).join('/'));
    if (name !== undefined) return name;
  }
  return COMPUTER;
}

/** Names of libvirt's: what is no letter or digit becomes `_`. */
function nameOf(...parts: readonly string[]): string {
  return parts.join('_').replace(/[^A-Za-z0-9]/g, '_');
}

function entries(host: HostSystem, directory: string) {
  return host.listDirectory(directory).map((id) => {
    const entry = `${directory}/${id}`;
    const text = (file: string) => host.readText(`${entry}/${file}`)?.trim();
    return { id, entry, text };
  });
}

function pci(host: HostSystem): Found[] {
  return pciFunctions(host).map((address) => ({
    name: nodeDeviceName(address),
    entry: `/sys/bus/pci/devices/${address}`,
    capability: pciCapability(host, address),
  }));
}

/** Hubs' and devices' interfaces have no `idVendor` (Documentation/ABI/testing/sysfs-bus-usb). */
function usb(host: HostSystem): Found[] {
  return entries(host, '/sys/bus/usb/devices').flatMap(({ id, entry, text }) => {
    const vendor = text('idVendor');
    if (vendor === undefined) return [];
    const identity = (number: string | undefined, name: string | undefined) => ({
      id: `0x${number ?? ''}`,
      ...(name !== undefined && name !== '' && { name }),
    });
    return [
      {
        name: nameOf('usb', id),
        entry,
        capability: {
          type: 'usb_device',
          bus: Number(text('busnum')),
          device: Number(text('devnum')),
          vendor: identity(vendor, text('manufacturer')),
          product: identity(text('idProduct'), text('product')),
        },
      },
    ];
  });
}

function net(host: HostSystem): Found[] {
  return entries(host, '/sys/class/net').map(({ id, entry, text }) => {
    const address = text('address') ?? '';
    return {
      name: nameOf('net', id, address),
      entry,
      capability: { type: 'net', interface: id, address, state: text('operstate') ?? 'unknown' },
    };
  });
}

function scsiHosts(host: HostSystem): Found[] {
  return entries(host, '/sys/class/scsi_host').map(({ id, entry, text }) => {
    const uniqueId = text('unique_id');
    return {
      name: `scsi_${id}`,
      entry: `${entry}/device`,
      capability: {
        type: 'scsi_host',
        host: Number(id.replace(/^host/, '')),
        ...(uniqueId !== undefined && { uniqueId: Number(uniqueId) }),
      },
    };
  });
}

function scsi(host: HostSystem): Found[] {
  return entries(host, '/sys/bus/scsi/devices').flatMap(({ id, entry }) => {
    const numbers = /^(\d+):(\d+):(\d+):(\d+)$/.exec(id)?.slice(1).map(Number);
    if (numbers === undefined) return [];
    const [number = 0, bus = 0, target = 0, lun = 0] = numbers;
    const [generic] = host.listDirectory(`${entry}/scsi_generic`);
    return [
      {
        name: nameOf('scsi', id),
        entry,
        capability: {
          type: 'scsi',
          ...{ host: number, bus, target, lun },
          ...(generic !== undefined && { generic: `/dev/${generic}` }),
        },
      },
    ];
  });
}

const SECTOR_BYTES = 512;

/** What is behind a device; partitions and devices that are made of others are not. */
function storage(host: HostSystem): Found[] {
  return entries(host, '/sys/class/block').flatMap(({ id, entry, text }) => {
    if (host.status(`${entry}/device`) === undefined) return [];
    const model = text('device/model');
    return [
      {
        name: nameOf('block', id),
        entry,
        capability: {
          type: 'storage',
          block: `/dev/${id}`,
          sizeBytes: Number(text('size') ?? 0) * SECTOR_BYTES,
          ...(model !== undefined && { model }),
        },
      },
    ];
  });
}

function mdevDevices(host: HostSystem): Found[] {
  return mdevs(host).map((uuid) => {
    const { parent, type } = mdevOrigin(host, uuid);
    const group = mdevGroup(host, uuid);
    return {
      name: mdevName({ uuid, parent }),
      entry: mdevPath(uuid),
      capability: {
        type: 'mdev',
        uuid,
        mdevType: type,
        parentAddress: parent,
        ...(group !== undefined && { iommuGroup: Number(group) }),
      },
    };
  });
}
