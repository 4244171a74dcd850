import { hasProperty } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { ioThreads } from '../../sections/iothreads/threads.ts';
import { queueMappingProblems } from '../../shared/queue-mapping.ts';
import { controllerErrors } from './errors.ts';
import type { ControllerOf } from './model.ts';

type Driver = NonNullable<ControllerOf<'scsi'>['driver']>;

/** The threads that serve a virtio-scsi controller's queues: they exist, and each queue has one (format: "Controllers"). */
export function validateIothreads(driver: Driver, { domain, report, env }: ValidateContext): void {
  const { iothread, iothreads, queues } = driver;
  if (iothread !== undefined && iothreads !== undefined)
    report.add(controllerErrors['two-iothread-ways'], undefined, whereIs(driver, 'iothreads'));
  if (iothreads !== undefined && !hasProperty(env.caps, 'virtio-scsi-pci', 'iothread-vq-mapping'))
    report.add(controllerErrors['iothreads-unavailable'], undefined, whereIs(driver, 'iothreads'));
  const known = new Set(ioThreads(domain).map((thread) => thread.id));
  const used = [iothread, ...(iothreads?.iothread ?? []).map((thread) => thread.id)];
  for (const id of used)
    if (id !== undefined && !known.has(id))
      report.add(controllerErrors['unknown-iothread'], { id }, whereIs(driver, '@iothread'));
  for (const problem of iothreads === undefined ? [] : queueMappingProblems(iothreads, queues))
    report.add(controllerErrors['iothread-mapping'], { problem }, whereIs(driver, 'iothreads'));
}
