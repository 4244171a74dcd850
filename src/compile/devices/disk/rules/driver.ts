import { hasProperty, schemaHas } from '../../../../plan/index.ts';
import { whereIs } from '../../../../xml/index.ts';
import type { ValidateContext } from '../../../context.ts';
import type { Placed } from '../../../shared/device-base.ts';
import { queueMappingProblems } from '../../../shared/queue-mapping.ts';
import { storageErrors } from '../../../shared/storage/errors.ts';
import { diskErrors as errors } from '../errors.ts';
import type { Disk } from '../model.ts';

/** Rules of `<driver>`. */
export function validateDriver(disk: Placed<Disk>, cx: ValidateContext): void {
  const { driver, readonly } = disk;
  const { dev } = disk.target;
  const { name } = driver;
  if (name !== 'qemu') cx.report.add(errors['bad-driver'], { name, dev }, whereIs(disk, 'driver', '@name'));
  if (driver.copy_on_read && readonly)
    cx.report.add(errors['copy-on-read-only'], { dev }, whereIs(disk, 'driver', '@copy_on_read'));
  else if (driver.copy_on_read && (disk.device === 'lun' || disk.device === 'floppy'))
    cx.report.add(
      errors['copy-on-read-device'],
      { dev, device: disk.device },
      whereIs(disk, 'driver', '@copy_on_read'),
    );
  const cache = driver.cache ?? 'default';
  if (driver.io === 'native' && cache !== 'none' && cache !== 'directsync')
    cx.report.add(errors['native-io-cache'], { cache }, whereIs(disk, 'driver', '@io'));
  validateDiscardNoUnref(disk, cx);
  validateQueues(disk, cx);
  if (disk.sgio === 'unfiltered') cx.report.add(errors['sgio-unfiltered'], undefined, whereIs(disk, '@sgio'));
}

/** Discarded clusters that stay allocated are qcow2's, and only where something can be discarded. */
function validateDiscardNoUnref(disk: Placed<Disk>, cx: ValidateContext): void {
  const { driver, readonly, target } = disk;
  if (driver.discard_no_unref === undefined) return;
  const where = whereIs(disk, 'driver', '@discard_no_unref');
  const format = driver.type ?? 'raw';
  if (driver.discard_no_unref && format !== 'qcow2')
    cx.report.add(storageErrors['discard-no-unref-owner'], { format }, where);
  else if (driver.discard_no_unref && readonly)
    cx.report.add(errors['discard-no-unref-read-only'], { dev: target.dev }, where);
  else if (!schemaHas(cx.env.caps, 'blockdev-add', 'discard-no-unref'))
    cx.report.add(errors['option-unavailable'], { what: 'discard_no_unref' }, where);
}

/** Queues spread over threads: each thread and each queue once, and no queue left out (format: `iothreads`). */
function validateQueues(disk: Placed<Disk>, cx: ValidateContext): void {
  const { iothreads, iothread, queues } = disk.driver;
  if (iothreads === undefined) return;
  const { dev } = disk.target;
  const complain = (what: string) =>
    cx.report.add(errors['queue-mapping'], { dev, what }, whereIs(disk, 'driver', 'iothreads'));
  if (!hasProperty(cx.env.caps, 'virtio-blk-pci', 'iothread-vq-mapping'))
    cx.report.add(
      errors['option-unavailable'],
      { what: 'iothread-vq-mapping' },
      whereIs(disk, 'driver', 'iothreads'),
    );
  if (iothread !== undefined) complain(`'iothread' stands beside them`);
  for (const problem of queueMappingProblems(iothreads, queues)) complain(problem);
}
