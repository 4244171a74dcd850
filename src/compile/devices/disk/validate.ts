import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import type { Placed } from '../../shared/device-base.ts';
import { refuseLoneGroup, validateIotune } from '../../shared/iotune.ts';
import { hasSharedMemory } from '../../shared/shared-memory.ts';
import { validateChain } from '../../shared/storage/index.ts';
import { diskErrors as errors } from './errors.ts';
import { imagesOf } from './images.ts';
import type { Disk } from './model.ts';
import { validateDriver } from './rules/driver.ts';
import { validateSource } from './rules/source.ts';
import { validateTarget } from './rules/target.ts';

/** Rules of one disk. */
export function validateDisk(disk: Placed<Disk>, cx: ValidateContext): void {
  validateTarget(disk, cx);
  validateDriver(disk, cx);
  validateSource(disk, cx);
  validateIdentity(disk, cx);
  validateUse(disk, cx);
  const image = imagesOf(cx.domain.devices.disk, cx).get(disk)?.image;
  if (image !== undefined) validateChain(image, cx);
}

const SAFE_SERIAL = /^[A-Za-z0-9_.+\- ]*$/;

/** What a disk says of itself to the guest. */
function validateIdentity(disk: Placed<Disk>, cx: ValidateContext): void {
  const { serial, product } = disk;
  if (serial !== undefined && !SAFE_SERIAL.test(serial))
    cx.report.add(errors['unsafe-serial'], { serial }, whereIs(disk, 'serial'));
  const most = disk.target.bus === 'scsi' ? 16 : 40;
  if (product !== undefined && product.length > most)
    cx.report.add(errors['long-product'], { product, most }, whereIs(disk, 'product'));
}

function validateUse(disk: Placed<Disk>, cx: ValidateContext): void {
  const { type, driver, iotune, throttlefilters } = disk;
  const { dev } = disk.target;
  if (iotune !== undefined) {
    validateIotune(iotune, cx);
    refuseLoneGroup(iotune, cx);
  }
  if (iotune !== undefined && throttlefilters !== undefined)
    cx.report.add(errors['throttled-twice'], { dev }, whereIs(disk, 'throttlefilters'));
  const filters = throttlefilters?.throttlefilter ?? [];
  const again = filters.find(({ group }, i) => filters.findIndex((other) => other.group === group) < i);
  if (again !== undefined)
    cx.report.add(errors['duplicate-throttle-filter'], { dev, group: again.group }, whereIs(again));
  const format = driver.type ?? 'raw';
  const shared = isEncrypted(disk) ? 'luks' : format;
  if (disk.shareable && !disk.readonly && shared !== 'raw' && disk.source !== undefined)
    cx.report.add(errors['shared-format'], { dev, format: shared }, whereIs(disk, 'shareable'));
  if (disk.transient !== undefined) {
    if (type !== 'file') cx.report.add(errors['transient-type'], { dev, type }, whereIs(disk, 'transient'));
    if (disk.readonly) cx.report.add(errors['transient-read-only'], { dev }, whereIs(disk, 'transient'));
  }
  if ((type === 'vhostuser' || type === 'vhostvdpa') && !hasSharedMemory(cx.domain))
    cx.report.add(errors['needs-shared-memory'], { dev, type }, whereIs(disk));
  const { backenddomain: name } = disk;
  if (name !== undefined) cx.report.add(errors['backend-domain'], { name }, whereIs(disk, 'backenddomain'));
}

function isEncrypted({ encryption, source }: Disk): boolean {
  return (
    encryption !== undefined || (source as { encryption?: object } | undefined)?.encryption !== undefined
  );
}
