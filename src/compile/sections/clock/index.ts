import { child } from '../../../xml/schema/index.ts';
import type { ResolveContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import { type Clock, clockSchema, type Timer } from './schema.ts';
import { validateClock } from './validate.ts';

export const clock: SectionModule<Clock | undefined, Clock> = {
  field: child(clockSchema),
  resolve: resolveClock,
  validate: validateClock,
};

/** No clock is UTC; an adjustment in seconds makes UTC or local time a variable clock (format: `adjustment`). */
function resolveClock(written: Clock | undefined, _cx: ResolveContext): Clock {
  if (written === undefined) return { offset: 'utc', timer: [] };
  const value = { ...written, timer: written.timer.map(withoutZeros) };
  switch (value.offset) {
    case 'utc':
    case 'localtime': {
      const { adjustment, offset, ...rest } = value;
      if (typeof adjustment !== 'bigint') return value;
      return { ...rest, offset: 'variable', adjustment, basis: offset };
    }
    case 'variable':
      return { ...value, adjustment: value.adjustment ?? 0n, basis: value.basis ?? 'utc' };
    default:
      return value;
  }
}

/** A frequency of 0 is none, and so are the values of <catchup>. */
function withoutZeros({ frequency, catchup, ...timer }: Timer): Timer {
  const { threshold, slew, limit } = catchup ?? {};
  return {
    ...timer,
    ...(frequency && { frequency }),
    ...((threshold || slew || limit) && {
      catchup: {
        ...catchup,
        threshold: threshold || undefined,
        slew: slew || undefined,
        limit: limit || undefined,
      },
    }),
  };
}

export * from './emit.ts';
export type { Clock } from './schema.ts';
