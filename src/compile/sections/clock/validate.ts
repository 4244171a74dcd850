import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { clockErrors, LAST_MOMENT } from './errors.ts';
import type { Clock, Timer } from './schema.ts';

type TimerAttribute = 'track' | 'tickpolicy' | 'frequency' | 'mode';

/** What each timer can be told (format: "Time keeping"). */
const ATTRIBUTES: Readonly<Record<Timer['name'], readonly TimerAttribute[]>> = {
  rtc: ['track', 'tickpolicy'],
  pit: ['tickpolicy'],
  hpet: ['tickpolicy'],
  tsc: ['tickpolicy', 'frequency', 'mode'],
  kvmclock: [],
  hypervclock: [],
  platform: ['track', 'tickpolicy'],
  armvtimer: ['tickpolicy'],
};

/** Tick policies that QEMU has, of the timers whose policy it can set: `-rtc driftfix`, `kvm-pit.lost_tick_policy`. */
const TICK_POLICIES: Partial<Readonly<Record<Timer['name'], readonly string[]>>> = {
  rtc: ['delay', 'catchup'],
  pit: ['delay', 'catchup', 'discard'],
};

/** Attributes that libvirt accepts and QEMU knows nothing of. */
const UNTOUCHED: Partial<Readonly<Record<Timer['name'], readonly TimerAttribute[]>>> = {
  hpet: ['tickpolicy'],
  tsc: ['tickpolicy', 'mode'],
};

/** Reports timers, and values of timers, that QEMU has not. */
export function validateClock(clock: Clock, cx: ValidateContext): void {
  if (clock.offset === 'timezone' && clock.timezone === undefined)
    cx.report.add(clockErrors['missing-timezone'], undefined, whereIs(clock));
  if (clock.offset === 'absolute' && clock.start > BigInt(LAST_MOMENT))
    cx.report.add(clockErrors['start-too-late'], { seconds: clock.start }, whereIs(clock, '@start'));
  const seen = new Set<string>();
  for (const timer of clock.timer) {
    if (seen.has(timer.name))
      cx.report.add(clockErrors['repeated-timer'], { name: timer.name }, whereIs(timer, '@name'));
    seen.add(timer.name);
    validateTimer(timer, cx);
  }
}

function validateTimer(timer: Timer, cx: ValidateContext): void {
  const { name } = timer;
  if (name === 'platform' || name === 'armvtimer')
    cx.report.add(clockErrors['unsupported-timer'], { name }, whereIs(timer, '@name'));
  checkAttributes(timer, cx);
  checkPolicies(timer, cx);
  checkCatchup(timer, cx);
}

function checkAttributes(timer: Timer, cx: ValidateContext): void {
  const { name } = timer;
  for (const attribute of ['track', 'tickpolicy', 'frequency', 'mode'] as const) {
    if (timer[attribute] === undefined) continue;
    const where = whereIs(timer, `@${attribute}`);
    if (!ATTRIBUTES[name].includes(attribute))
      cx.report.add(clockErrors['timer-attribute'], { name, attribute }, where);
    else if (UNTOUCHED[name]?.includes(attribute))
      cx.report.add(clockErrors['timer-untouched'], { name, attribute }, where);
  }
}

function checkPolicies({ name, tickpolicy, track, ...timer }: Timer, cx: ValidateContext): void {
  if (name === 'rtc' && track === 'boot')
    cx.report.add(clockErrors['unsupported-track'], { track }, whereIs(timer, '@track'));
  if (tickpolicy !== undefined && TICK_POLICIES[name]?.includes(tickpolicy) === false)
    cx.report.add(clockErrors['unsupported-tickpolicy'], { name, tickpolicy }, whereIs(timer, '@tickpolicy'));
}

function checkCatchup(timer: Timer, cx: ValidateContext): void {
  const { name, catchup, tickpolicy } = timer;
  const { threshold, slew, limit } = catchup ?? {};
  if ((threshold ?? slew ?? limit) === undefined) return;
  const rule = tickpolicy === 'catchup' ? 'catchup-ignored' : 'catchup-without-policy';
  cx.report.add(clockErrors[rule], { name }, whereIs(timer, 'catchup'));
}
