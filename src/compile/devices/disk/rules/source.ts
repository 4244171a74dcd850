import { whereIs } from '../../../../xml/index.ts';
import type { ValidateContext } from '../../../context.ts';
import type { Placed } from '../../../shared/device-base.ts';
import { storageErrors } from '../../../shared/storage/errors.ts';
import { imageSource, isIscsiPool, volumeFact } from '../../../shared/storage/volume.ts';
import { diskErrors as errors } from '../errors.ts';
import type { Disk } from '../model.ts';

/** What says where the data of each type of source are that a single attribute names. */
const SOURCE_ATTRIBUTE: { readonly [T in Disk['type']]?: string } = {
  file: 'file',
  block: 'dev',
  dir: 'dir',
};

/** Rules of a disk's source that depend on what the disk is. */
export function validateSource(disk: Placed<Disk>, cx: ValidateContext): void {
  const { source, device, type } = disk;
  const { dev, bus } = disk.target;
  const isRemovable = device === 'cdrom' || device === 'floppy';
  if (source?.kind === 'volume') validateVolume(source, cx);
  else if (source?.kind === 'vhostuser') validateVhostUser(disk, source, cx);
  else if (!isRemovable && (source === undefined || imageSource(source, cx) === undefined))
    cx.report.add(
      errors['missing-source'],
      { dev, type, attribute: SOURCE_ATTRIBUTE[type] },
      whereIs(disk, 'source'),
    );
  else if (bus === 'usb' && (source === undefined || imageSource(source, cx) === undefined))
    cx.report.add(errors['empty-usb'], { dev }, whereIs(disk, 'source'));
  if ((type === 'vhostuser' || type === 'vhostvdpa') && bus !== 'virtio')
    cx.report.add(
      errors['only-for-bus'],
      { what: type, bus, allowed: ['virtio'] },
      whereIs(disk, 'target', '@bus'),
    );
  if (device === 'lun') validateLun(disk, cx);
  else if (source !== undefined && 'reservations' in source && source.reservations !== undefined)
    cx.report.add(
      errors['only-for-device'],
      { what: 'reservations', device, allowed: ['lun'] },
      whereIs(source, 'reservations'),
    );
  if (device === 'disk' && disk.readonly && (bus === 'ide' || bus === 'sata'))
    cx.report.add(errors['read-only-drive'], { bus, dev }, whereIs(disk, 'readonly'));
  validateTwins(disk, cx);
  validateBackingFormats(disk, cx);
  validateStartupPolicy(disk, cx);
}

/** What may stand in the disk or in its source, and not in both. */
function validateTwins(
  { auth, encryption, source, target, ...disk }: Placed<Disk>,
  cx: ValidateContext,
): void {
  const { dev } = target;
  const inner = source as { readonly auth?: object; readonly encryption?: object } | undefined;
  if (auth !== undefined && inner?.auth !== undefined)
    cx.report.add(errors['given-twice'], { what: 'auth', dev }, whereIs(disk, 'auth'));
  if (encryption !== undefined && inner?.encryption !== undefined)
    cx.report.add(errors['given-twice'], { what: 'encryption', dev }, whereIs(disk, 'encryption'));
}

/** A backing image's format is written, for guessing it would let a guest choose it. */
function validateBackingFormats({ backingStore }: Placed<Disk>, cx: ValidateContext): void {
  for (
    let store = backingStore;
    store !== undefined && store.type !== undefined;
    store = store.backingStore
  ) {
    if (
      store.source === undefined ||
      (store.source.kind !== 'volume' && imageSource(store.source, cx) === undefined)
    ) {
      cx.report.add(storageErrors['missing-backing-source'], undefined, whereIs(store));
      return;
    }
    if (store.format === undefined)
      cx.report.add(storageErrors['missing-format'], { element: 'backingStore' }, whereIs(store));
    const { kind } = store.source;
    if (kind === 'vhostuser' || kind === 'vhostvdpa' || kind === 'volume')
      cx.report.add(storageErrors['backing-type'], { type: kind }, whereIs(store));
  }
}

type Source = NonNullable<Disk['source']>;

function validateVolume(source: Extract<Source, { kind: 'volume' }>, cx: ValidateContext): void {
  const { pool = '', volume = '', mode } = source;
  const fact = volumeFact(source, cx);
  const where = whereIs(source);
  if (fact === undefined) cx.report.add(storageErrors['volume-unknown'], { pool, volume }, where);
  else if (fact.error !== undefined) {
    if (source.startupPolicy !== 'optional')
      cx.report.add(storageErrors['volume-unusable'], { pool, volume, reason: fact.error }, where);
  } else if (mode === 'direct' && !isIscsiPool(fact))
    cx.report.add(storageErrors['direct-needs-iscsi'], { pool }, whereIs(source, '@mode'));
}

/** Raw SCSI commands go through to a real device, so it is not looked at from here. */
function validateLun(disk: Placed<Disk>, cx: ValidateContext): void {
  const { type, source, driver } = disk;
  const isIscsi = source?.kind === 'network' && source.protocol === 'iscsi';
  if (type !== 'block' && type !== 'volume' && !isIscsi)
    cx.report.add(errors['lun-type'], { type }, whereIs(disk, '@type'));
  const format = driver.type ?? 'raw';
  if (format !== 'raw') cx.report.add(errors['lun-format'], { format }, whereIs(disk, 'driver', '@type'));
  const { encryption = undefined, slices = undefined } =
    source !== undefined && 'encryption' in source ? source : {};
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['encryption', disk.encryption ?? encryption, 'encryption'],
    ['slices', slices, 'source'],
    ['wwn', disk.wwn, 'wwn'],
    ['vendor', disk.vendor, 'vendor'],
    ['product', disk.product, 'product'],
  ];
  for (const [what, value, path] of refused)
    if (value !== undefined)
      cx.report.add(
        errors['only-for-device'],
        { what, device: 'lun', allowed: ['disk', 'cdrom'] },
        whereIs(disk, path),
      );
}

/** The process that serves the disk decides about all but queues and virtio options. */
function validateVhostUser(
  disk: Placed<Disk>,
  { reconnect }: Extract<Source, { kind: 'vhostuser' }>,
  cx: ValidateContext,
): void {
  const { driver, type, snapshot, target } = disk;
  if (snapshot !== undefined && snapshot !== 'no')
    cx.report.add(errors['vhost-user-snapshot'], { dev: target.dev, snapshot }, whereIs(disk, '@snapshot'));
  if (reconnect?.enabled && reconnect.timeout === undefined)
    cx.report.add(storageErrors['reconnect-timeout'], undefined, whereIs(reconnect));
  const used: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['backingStore', disk.backingStore, ['backingStore']],
    ['blockio', disk.blockio, ['blockio']],
    ['encryption', disk.encryption, ['encryption']],
    ['geometry', disk.geometry, ['geometry']],
    ['iotune', disk.iotune, ['iotune']],
    ['throttlefilters', disk.throttlefilters, ['throttlefilters']],
    ['product', disk.product, ['product']],
    ['readonly', disk.readonly, ['readonly']],
    ['serial', disk.serial, ['serial']],
    ['shareable', disk.shareable, ['shareable']],
    ['transient', disk.transient, ['transient']],
    ['vendor', disk.vendor, ['vendor']],
    ['wwn', disk.wwn, ['wwn']],
    ...(
      [
        'cache',
        'error_policy',
        'rerror_policy',
        'io',
        'ioeventfd',
        'event_idx',
        'copy_on_read',
        'discard',
        'detect_zeroes',
        'iothread',
        'iothreads',
        'metadata_cache',
      ] as const
    ).map((name) => [name, driver[name], ['driver', `@${name}`]] as const),
  ];
  for (const [what, value, path] of used)
    if (value !== undefined) cx.report.add(errors['not-for-type'], { what, type }, whereIs(disk, ...path));
}

function validateStartupPolicy(disk: Placed<Disk>, cx: ValidateContext): void {
  const { source, device, type } = disk;
  const policy = source !== undefined && 'startupPolicy' in source ? source.startupPolicy : undefined;
  if (policy === undefined) return;
  const where = whereIs(disk, 'source', '@startupPolicy');
  if (type === 'network')
    cx.report.add(errors['startup-policy'], { policy, why: "local storage, not 'network'" }, where);
  else if (policy === 'requisite' && device !== 'cdrom' && device !== 'floppy')
    cx.report.add(errors['startup-policy'], { policy, why: `'cdrom' and 'floppy', not '${device}'` }, where);
}
