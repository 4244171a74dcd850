import type { Props, PropValue } from '../../plan/index.ts';
import { attribute, children, element, integer, type Read, required } from '../../xml/schema/index.ts';
import { iothreadId } from '../sections/iothreads/threads.ts';

/** `<iothreads>` of a `<driver>`: the iothreads that serve a device's queues (format: `iothreads`). */
export const queueMappingSchema = element(() => ({
  iothread: children(
    element(() => ({
      id: required(attribute(integer({ min: 1 }))),
      queue: children(element(() => ({ id: required(attribute(integer())) }))),
    })),
  ),
}));

type QueueMapping = Read<typeof queueMappingSchema>;

/** An element without threads says nothing. */
export function withoutEmptyMapping<D extends { readonly iothreads?: QueueMapping | undefined }>(
  driver: D,
): D {
  return driver.iothreads?.iothread.length === 0 ? { ...driver, iothreads: undefined } : driver;
}

/** QEMU's `iothread-vq-mapping`; a thread without queues shares them all with the others. */
export function queueMappingProp(mapping: QueueMapping | undefined): PropValue | undefined {
  return mapping?.iothread.map(
    ({ id, queue }): Props => ({
      iothread: iothreadId(id),
      vqs: queue.length === 0 ? undefined : queue.map((q) => q.id),
    }),
  );
}

/**
 * What is wrong with a mapping in itself: each thread and each queue stands once, and no queue is left out.
 * @param queues how many the device has, if that is written
 */
export function queueMappingProblems(
  { iothread: threads }: QueueMapping,
  queues: number | undefined,
): readonly string[] {
  const problems: string[] = [];
  const twice = repeated(threads.map(({ id }) => id));
  if (twice !== undefined) problems.push(`iothread '${twice}' stands twice`);
  const mapped = threads.flatMap(({ queue }) => queue.map(({ id }) => id));
  if (mapped.length === 0) return problems;
  const without = threads.find(({ queue }) => queue.length === 0);
  if (without !== undefined) problems.push(`iothread '${without.id}' has no queue`);
  if (queues === undefined) problems.push(`queues are mapped, and 'queues' is not given`);
  else problems.push(...outOfRange(mapped, queues));
  const again = repeated(mapped);
  if (again !== undefined) problems.push(`queue '${again}' stands twice`);
  return problems;
}

function outOfRange(mapped: readonly number[], queues: number): readonly string[] {
  const beyond = mapped.find((id) => id >= queues);
  const known = new Set(mapped);
  const missing = Array.from({ length: queues }, (_, id) => id).find((id) => !known.has(id));
  return [
    ...(beyond === undefined ? [] : [`there is no queue '${beyond}'`]),
    ...(missing === undefined ? [] : [`queue '${missing}' has no iothread`]),
  ];
}

function repeated(ids: readonly number[]): number | undefined {
  const seen = new Set<number>();
  return ids.find((id) => seen.size === seen.add(id).size);
}
