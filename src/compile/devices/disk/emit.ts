import {
  type HostRequirement,
  jsonOption,
  keysOption,
  type PropValue,
  type QemuOption,
  type QmpCall,
} from '../../../plan/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { bootIndex } from '../../shared/boot-index.ts';
import type { Placed } from '../../shared/device-base.ts';
import { parseDiskTarget } from '../../shared/disk-target.ts';
import { blockThrottle } from '../../shared/iotune.ts';
import {
  type CacheMode,
  type ChainNodes,
  type ChainOptions,
  chainNodes,
  chainRequirements,
  detectZeroes,
  type Image,
  writeCache,
} from '../../shared/storage/index.ts';
import type { SourceOf } from '../../shared/storage/source.ts';
import { vhostUserChardev, vhostUserSocket } from '../../shared/vhost-user-socket.ts';
import { busProps, deviceDriver } from './bus.ts';
import { imagesOf } from './images.ts';
import type { Disk } from './model.ts';
import { overlayRequirement, plugOverlaid, putOverlay } from './transient.ts';

/** A disk's block nodes and its device. */
export function emitDisk(disk: Placed<Disk>, cx: EmitContext): Emission {
  if (disk.target.bus === 'sd') return { options: [sdCard(disk)] };
  const { image, filters } = imagesOf(cx.domain.devices.disk, cx).get(disk) ?? { filters: [] };
  if (disk.source?.kind === 'vhostuser') return vhostUserDisk(disk, disk.source, cx);
  if (image === undefined) return { options: [device(disk, undefined, cx)] };
  const shared = disk.transient?.shareBacking === true;
  const chain = chainNodes(shared ? { ...image, readonly: true } : image, chainOptions(disk), cx);
  const host = [...ownedImages(disk, image), ...chainRequirements(disk.id, image, cx)];
  if (disk.transient !== undefined) return transientDisk(disk, { image, chain, host, filters, shared }, cx);
  const above = filterNodes(disk, chain.top, filters);
  return {
    options: [...chain.options, ...above.options, device(disk, { drive: above.top }, cx)],
    host,
    afterStart: [...throttle(disk), ...openTray(disk)],
  };
}

/** The images of this host: what the guest writes is the machine's, what is beneath it is only read. */
function ownedImages(disk: Placed<Disk>, top: Image): readonly HostRequirement[] {
  const owned: HostRequirement[] = [];
  for (let image: Image | null | undefined = top; image; image = image.backing) {
    const isWritten = image === top && !image.readonly && disk.transient?.shareBacking !== true;
    for (const one of [image, image.dataStore]) {
      const path = localPath(one?.source);
      if (path === undefined) continue;
      const isShared = isWritten && disk.shareable === true;
      const only = isWritten ? {} : ({ isReadOnly: true } as const);
      owned.push({ type: 'image', device: disk.id, path, isShared, ...only });
    }
  }
  return owned;
}

function localPath(source: Disk['source'] | Image['source']): string | undefined {
  return source?.kind === 'file' ? source.file : source?.kind === 'block' ? source.dev : undefined;
}

interface TransientParts {
  readonly image: Image;
  readonly chain: ChainNodes;
  readonly host: readonly HostRequirement[];
  readonly filters: readonly string[];
  readonly shared: boolean;
}

/** A disk whose changes are lost when the machine ends. */
function transientDisk(disk: Placed<Disk>, parts: TransientParts, cx: EmitContext): Emission {
  const { image, chain, filters, shared } = parts;
  const overlay = overlayRequirement(disk, image, cx);
  const host = [...parts.host, overlay];
  if (shared) {
    const plug = (drive: string) => device(disk, { drive }, cx);
    const calls = plugOverlaid(overlay, image, chain.options, chain.top, plug);
    return { options: [], host, afterStart: [...calls, ...throttle(disk)] };
  }
  const above = filterNodes(disk, chain.top, filters);
  return {
    options: [...chain.options, ...above.options, device(disk, { drive: above.top }, cx)],
    host,
    afterStart: [...putOverlay(overlay, image, chain.top), ...throttle(disk)],
  };
}

/** A process of its own serves the disk (QEMU's `vhost-user-blk`). */
function vhostUserDisk(disk: Placed<Disk>, source: SourceOf<'vhostuser'>, cx: EmitContext): Emission {
  const chardev = vhostUserChardev(disk.id);
  return { options: [vhostUserSocket(disk.id, source, cx), device(disk, { chardev }, cx)] };
}

/** An SD card goes into the board's own slot, which `-device` cannot reach. */
function sdCard(disk: Disk): QemuOption {
  const { source, driver, readonly, target } = disk;
  const { discard, detect_zeroes: zeroes } = driver;
  return keysOption('-drive', [
    ['file', localPath(source)],
    ['format', driver.type],
    ['if', 'sd'],
    ['index', parseDiskTarget(target.dev)?.index ?? 0],
    ['readonly', readonly],
    ['cache', cacheMode(disk)],
    ['copy-on-read', driver.copy_on_read],
    ['discard', discard],
    ['detect-zeroes', detectZeroes(zeroes, discard)],
    ['aio', driver.io],
  ]);
}

/** Limits of this disk alone are set over QMP, where they can be changed too (QAPI: `BlockIOThrottle`). */
function throttle({ id, iotune }: Placed<Disk>): QmpCall[] {
  if (iotune === undefined || Object.keys(iotune).length === 0) return [];
  return [{ execute: 'block_set_io_throttle', arguments: { id, ...blockThrottle(iotune) } }];
}

function openTray({ id, target, source }: Placed<Disk>): QmpCall[] {
  if (target.tray !== 'open' || source === undefined) return [];
  return [{ execute: 'blockdev-open-tray', arguments: { id, force: false } }];
}

function chainOptions(disk: Disk): ChainOptions {
  const { driver } = disk;
  return {
    cache: cacheMode(disk),
    io: driver.io,
    discard: driver.discard,
    detectZeroes: driver.detect_zeroes,
    discardNoUnref: driver.discard_no_unref,
  };
}

/** What several guests write is not cached by the host, unless a cache mode was chosen. */
function cacheMode({ driver, shareable, readonly }: Disk): CacheMode | undefined {
  return driver.cache ?? (shareable && !readonly ? 'none' : undefined);
}

/** Filters that sit on the image: copy-on-read, then the throttle groups (QAPI: `BlockdevOptionsCor`, `…Throttle`). */
function filterNodes(
  disk: Disk,
  below: string,
  names: readonly string[],
): { options: QemuOption[]; top: string } {
  const options: QemuOption[] = [];
  let top = below;
  const put = (node: string, entries: Record<string, PropValue>) => {
    options.push(jsonOption('-blockdev', { ...entries, 'node-name': node, file: top }));
    top = node;
  };
  if (disk.driver.copy_on_read)
    put(`libvirt-CoR-${disk.target.dev}`, { driver: 'copy-on-read', discard: 'unmap' });
  for (const [i, { group }] of (disk.throttlefilters?.throttlefilter ?? []).entries())
    put(names[i] ?? '', { driver: 'throttle', 'throttle-group': `throttle-${group}` });
  return { options, top };
}

/** `-device`: the disk as the guest sees it. */
function device(
  disk: Placed<Disk>,
  backend: { readonly drive?: string; readonly chardev?: string } | undefined,
  cx: EmitContext,
): QemuOption {
  const { target, geometry, blockio, product } = disk;
  return jsonOption('-device', {
    driver: deviceDriver(disk),
    ...busProps(disk, cx),
    'share-rw': disk.shareable,
    ...backend,
    id: disk.id,
    bootindex: disk.device === 'floppy' ? undefined : bootIndex(disk, cx.domain),
    rotation_rate: target.rotation_rate,
    ...blockio,
    cyls: geometry?.cyls,
    heads: geometry?.heads,
    secs: geometry?.secs,
    'bios-chs-trans': geometry?.trans,
    wwn: disk.wwn === undefined ? undefined : BigInt(`0x${disk.wwn.replace(/^0x/, '')}`),
    vendor: disk.vendor,
    model: isAta(disk) ? product : undefined,
    product: isAta(disk) ? undefined : product,
    serial: disk.serial?.replaceAll(' ', '\\ '),
    removable: removable(disk),
    'write-cache': deviceDriver(disk) === 'scsi-block' ? undefined : writeCache(cacheMode(disk)),
    ...errorPolicy(disk.driver),
  });
}

const isAta = ({ target }: Disk): boolean => target.bus === 'ide' || target.bus === 'sata';

/** A USB stick says of itself whether it can be removed; a SCSI disk only if it is asked to. */
function removable({ target }: Disk): boolean | undefined {
  return target.bus === 'usb' ? (target.removable ?? false) : target.removable;
}

/** QEMU's `werror` and `rerror`; "no space" is no error of reading. */
function errorPolicy({ error_policy: policy, rerror_policy: read }: Disk['driver']) {
  const name = (p: string | undefined) => (p === 'enospace' ? 'enospc' : p);
  return { werror: name(policy), rerror: read ?? (policy === 'enospace' ? undefined : policy) };
}
