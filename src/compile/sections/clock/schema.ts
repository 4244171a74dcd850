import {
  attribute,
  bigInteger,
  child,
  children,
  element,
  integer,
  oneOf,
  type Read,
  required,
  string,
  variants,
  yesNo,
} from '../../../xml/schema/index.ts';

/** Format: "Time keeping". */

const catchupSchema = element(() => ({
  threshold: attribute(integer()),
  slew: attribute(integer()),
  limit: attribute(integer()),
}));

const tick = {
  present: attribute(yesNo),
  tickpolicy: attribute(oneOf('delay', 'catchup', 'merge', 'discard')),
  track: attribute(oneOf('boot', 'guest', 'wall', 'realtime')),
  frequency: attribute(bigInteger()),
  mode: attribute(oneOf('auto', 'native', 'emulate', 'paravirt', 'smpsafe')),
  catchup: child(catchupSchema),
};

const timerSchema = element(() => ({
  name: required(
    attribute(oneOf('platform', 'rtc', 'tsc', 'hpet', 'pit', 'kvmclock', 'hypervclock', 'armvtimer')),
  ),
  ...tick,
}));
export type Timer = Read<typeof timerSchema>;

/** Seconds; negative is before. */
const seconds = bigInteger({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const timer = children(timerSchema);

export const clockSchema = variants(
  'offset',
  {
    utc: () => ({ adjustment: attribute(adjustment()), timer }),
    localtime: () => ({ adjustment: attribute(adjustment()), timer }),
    timezone: () => ({ timezone: attribute(string({ nonEmpty: true, samples: ['Europe/Paris'] })), timer }),
    variable: () => ({
      adjustment: attribute(fromReset()),
      basis: attribute(oneOf('utc', 'localtime')),
      timer,
    }),
    absolute: () => ({ start: required(attribute(bigInteger())), timer }),
  },
  { fallback: 'utc' },
);
export type Clock = Read<typeof clockSchema>;

/** The seconds; `reset` is none. */
function fromReset() {
  return { ...seconds, read: (text: string) => (text === 'reset' ? 0n : seconds.read(text)) };
}

/** `reset`, or the seconds that turn the clock into a variable one. */
function adjustment() {
  return {
    read: (text: string) => (text === 'reset' ? ('reset' as const) : seconds.read(text)),
    write: (value: 'reset' | bigint) => String(value),
    expected: `'reset' or ${seconds.expected}`,
    samples: ['reset', 3600n] as const satisfies readonly ['reset', bigint],
  };
}
