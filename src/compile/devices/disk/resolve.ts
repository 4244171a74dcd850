import { whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { changed } from '../../shared/changed.ts';
import { type DiskTarget, parseDiskTarget } from '../../shared/disk-target.ts';
import { withoutEmptyMapping } from '../../shared/queue-mapping.ts';
import type { BackingStore } from '../../shared/storage/chain.ts';
import { storageErrors } from '../../shared/storage/errors.ts';
import { resolveSource, withEngine } from '../../shared/storage/resolve-source.ts';
import type { Disk } from './model.ts';
import type { DiskBus, DiskXml } from './schema.ts';

/** The bus that the target's name of anything but a floppy drive stands for. */
const BUS_OF_PREFIX: Readonly<Record<DiskTarget['prefix'], DiskBus>> = {
  fd: 'ide',
  hd: 'ide',
  sd: 'scsi',
  vd: 'virtio',
  xvd: 'xen',
  ubd: 'uml',
};

/** Fills in a disk's defaults (format: "Hard drives, floppy disks, CDROMs"). */
export function resolveDisk(xml: DiskXml, cx: ResolveContext): Disk {
  const { type: where = 'file', device = 'disk' } = xml;
  const dev = xml.target.dev.replace(/^ioemu:/, '');
  const isReadonly = xml.readonly === true || device === 'cdrom';
  const { driver: written, source: writtenSource, backingStore, encryption, geometry, ...rest } = xml;
  const driver = written && withoutEmptyMapping(written);
  const source = writtenSource && resolveSource(writtenSource);
  return changed(rest, {
    type: isEmptyDrive(xml, source) ? 'file' : where,
    device,
    driver: changed(driver ?? {}, { name: driver?.name ?? 'qemu', type: driver?.type ?? defaultFormat(xml) }),
    target: resolveTarget(xml, dev),
    ...(source && { source }),
    ...(geometry?.cyls && geometry.heads && geometry.secs && { geometry }),
    ...(backingStore && { backingStore: resolveBackingStore(backingStore, cx) }),
    ...(encryption && { encryption: withEngine(encryption) }),
    ...(isReadonly && { readonly: true as const }),
    snapshot: defaultSnapshot(xml, isReadonly, source),
  });
}

/** A removable drive with no medium in it is one of no type. */
function isEmptyDrive({ device }: DiskXml, source: DiskXml['source']): boolean {
  return (device === 'cdrom' || device === 'floppy') && source === undefined;
}

/** A closed tray is what a drive has anyway. */
function resolveTarget({ device, target }: DiskXml, dev: string): Disk['target'] {
  const { tray, bus = defaultBus(device, dev), ...rest } = target;
  return changed(rest, { dev, bus, ...(tray === 'open' && { tray }) });
}

/** What cannot be written to is not in snapshots, and that need not be said; nor is what another process serves. */
function defaultSnapshot(xml: DiskXml, isReadonly: boolean, source: DiskXml['source']): DiskXml['snapshot'] {
  const { type, snapshot } = xml;
  if (type === 'vhostuser' && !isEmptyDrive(xml, source)) return snapshot ?? 'no';
  return isReadonly && snapshot === 'no' ? undefined : snapshot;
}

/** Raw, never probed: a guest could otherwise choose the format of its own disk. What a volume is, its pool knows. */
function defaultFormat({ type }: DiskXml): Disk['driver']['type'] {
  return type === 'volume' ? undefined : 'raw';
}

function defaultBus(device: DiskXml['device'], dev: string): DiskBus {
  if (device === 'floppy') return 'fdc';
  const target = parseDiskTarget(dev);
  return target === undefined ? 'ide' : BUS_OF_PREFIX[target.prefix];
}

function resolveBackingStore(store: BackingStore, cx: ResolveContext): BackingStore {
  const { type, format, source, backingStore } = store;
  if (type === undefined) {
    if (format !== undefined || source !== undefined || backingStore !== undefined)
      cx.report.add(storageErrors['untyped-backing-store'], undefined, whereIs(store));
    return {};
  }
  return {
    ...store,
    ...(source && { source: resolveSource(source) }),
    ...(backingStore && { backingStore: resolveBackingStore(backingStore, cx) }),
  };
}
