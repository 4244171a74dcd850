import { jsonOption, type Props, type QemuOption, schemaHas } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { iothreadErrors } from './errors.ts';
import type { DefaultIoThread, IoThread } from './index.ts';
import { ioThreads, iothreadId } from './threads.ts';

/** `-object iothread` for each, and `-object main-loop` where the main loop's pool has a size (QEMU 7.1). */
export function iothreadOptions(cx: EmitContext): Emission {
  const { domain } = cx;
  const threads = ioThreads(domain).map((thread) => iothreadOption(thread, cx));
  return { options: [...threads, ...mainLoopOption(domain.defaultiothread, cx)] };
}

function iothreadOption(thread: IoThread, cx: EmitContext): QemuOption {
  if (hasPool(thread) && !schemaHas(cx.env.caps, 'object-add', 'thread-pool-max'))
    cx.report.add(iothreadErrors['pool-not-settable'], { object: iothreadId(thread.id) }, whereIs(thread));
  return jsonOption('-object', {
    'qom-type': 'iothread',
    id: iothreadId(thread.id),
    ...poolProps(thread),
    'poll-max-ns': thread.poll?.max,
    'poll-grow': thread.poll?.grow,
    'poll-shrink': thread.poll?.shrink,
  });
}

function mainLoopOption(pool: DefaultIoThread | undefined, cx: EmitContext): readonly QemuOption[] {
  if (pool === undefined || !hasPool(pool)) return [];
  if (!schemaHas(cx.env.caps, 'object-add', 'qom-type', '=main-loop')) {
    cx.report.add(iothreadErrors['pool-not-settable'], { object: 'main-loop' }, whereIs(pool));
    return [];
  }
  return [jsonOption('-object', { 'qom-type': 'main-loop', id: 'main-loop', ...poolProps(pool) })];
}

function hasPool(pool: DefaultIoThread): boolean {
  return pool.thread_pool_min !== undefined || pool.thread_pool_max !== undefined;
}

function poolProps(pool: DefaultIoThread): Props {
  return { 'thread-pool-min': pool.thread_pool_min, 'thread-pool-max': pool.thread_pool_max };
}
