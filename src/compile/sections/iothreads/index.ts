import { type Where, whereIs } from '../../../xml/index.ts';
import {
  attribute,
  bigInteger,
  child,
  children,
  childText,
  element,
  integer,
  type Read,
  required,
} from '../../../xml/schema/index.ts';
import type { Context } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import { iothreadErrors } from './errors.ts';
import { completeIds, threadCount } from './threads.ts';

/** Format: "IOThreads Allocation". */

/** More threads than any host has use for; the list of them must fit in memory. */
const MOST_THREADS = 65_535;

const pool = {
  thread_pool_min: attribute(integer({ max: 2 ** 31 - 1, samples: [0, 8] })),
  thread_pool_max: attribute(integer({ max: 2 ** 31 - 1, samples: [8, 16] })),
} as const;

const pollSchema = element(() => ({
  max: attribute(bigInteger()),
  grow: attribute(bigInteger()),
  shrink: attribute(bigInteger()),
}));

const iothreadSchema = element(() => ({
  id: required(attribute(integer({ min: 1 }))),
  ...pool,
  poll: child(pollSchema),
}));

const iothreadidsSchema = element(() => ({ iothread: children(iothreadSchema) }));
const defaultSchema = element(() => pool);

export type IoThread = Read<typeof iothreadSchema>;
export type IoThreadIds = Read<typeof iothreadidsSchema>;
export type DefaultIoThread = Read<typeof defaultSchema>;

/** How many there are; ids that are written count too. */
export const iothreads: SectionModule<number | undefined> = {
  field: childText(integer({ max: MOST_THREADS, samples: [1, 4] })),
  resolve: (_value, cx) => {
    const count = threadCount(cx.domain);
    return count === 0 ? undefined : count;
  },
};

/** Written ids first, then the lowest that are free, until the count is reached. */
export const iothreadids: SectionModule<IoThreadIds | undefined> = {
  field: child(iothreadidsSchema),
  resolve: (value, cx) =>
    value === undefined
      ? undefined
      : { ...value, iothread: completeIds(value.iothread, threadCount(cx.domain)) },
  validate: (value, cx) => {
    const seen = new Set<number>();
    for (const thread of value?.iothread ?? []) {
      const where = whereIs(thread);
      if (seen.has(thread.id)) cx.report.add(iothreadErrors['repeated-id'], { id: thread.id }, where);
      seen.add(thread.id);
      checkPool(thread, where, cx);
      for (const time of [thread.poll?.max, thread.poll?.grow, thread.poll?.shrink])
        if (time !== undefined && time >= 2n ** 63n)
          cx.report.add(iothreadErrors['poll-not-settable'], { value: time }, whereIs(thread, 'poll'));
    }
  },
};

/** The pool of QEMU's main loop, which serves the devices without an iothread. */
export const defaultiothread: SectionModule<DefaultIoThread | undefined> = {
  field: child(defaultSchema),
  validate: (value, cx) => {
    if (value !== undefined) checkPool(value, whereIs(value), cx);
  },
};

function checkPool(
  { thread_pool_min: min, thread_pool_max: max }: DefaultIoThread,
  where: Where,
  cx: Context,
) {
  if (max === 0) cx.report.add(iothreadErrors['pool-without-threads'], { max }, where);
  else if (min !== undefined && min > (max ?? -1))
    cx.report.add(iothreadErrors['pool-minimum-above-maximum'], { min, max }, where);
}
