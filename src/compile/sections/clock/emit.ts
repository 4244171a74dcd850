import { hasOption, type KeyValue, keysOption, plainOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { type Emission, type EmitContext, emits } from '../../context.ts';
import type { CpuContributor } from '../cpu/index.ts';
import { clockErrors, FIRST_MOMENT, LAST_MOMENT } from './errors.ts';
import { localTime } from './local-time.ts';
import type { Clock, Timer } from './schema.ts';

/** `-rtc`: what the guest's clock starts from, and how it runs. */
export function rtcOption(cx: EmitContext): Emission {
  const { clock } = cx.domain;
  const rtc = timerOf(clock, 'rtc');
  return emits(
    keysOption('-rtc', [
      ['base', rtcBase(clock, cx)],
      ['clock', rtc?.track === undefined ? undefined : RTC_CLOCK[rtc.track]],
      ['driftfix', driftFix(rtc)],
    ]),
  );
}

/** QEMU's clock by what the RTC tracks. */
const RTC_CLOCK = { guest: 'vm', wall: 'host', realtime: 'rt', boot: undefined } as const;

function driftFix(rtc: Timer | undefined): string | undefined {
  return rtc?.tickpolicy === 'catchup' ? 'slew' : undefined;
}

function rtcBase(clock: Clock, cx: EmitContext): string {
  const { now, timezone } = cx.env.facts.clock;
  switch (clock.offset) {
    case 'localtime':
    case 'timezone':
      return 'localtime';
    case 'variable': {
      const start = Number(clock.adjustment ?? 0n) + now;
      if (start < FIRST_MOMENT || start > LAST_MOMENT) {
        cx.report.add(clockErrors['no-such-moment'], { seconds: start }, whereIs(clock));
        return 'utc';
      }
      return isoTime(clock.basis === 'localtime' ? localTime(start, timezone) : start);
    }
    case 'absolute':
      return isoTime(Number(clock.start));
    default:
      return 'utc';
  }
}

/** The time zone that QEMU lives in, where the clock shows another's local time. */
export function timezoneOfQemu({ domain: { clock } }: EmitContext): Emission {
  if (clock.offset !== 'timezone' || clock.timezone === undefined) return emits();
  return { options: [], environment: { TZ: clock.timezone } };
}

/** QEMU's form of a moment: `2009-02-13T23:31:30`. */
function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

/** `-global kvm-pit.lost_tick_policy`: what the PIT does with ticks that were missed. */
export function pitOption({ domain }: EmitContext): Emission {
  const pit = timerOf(domain.clock, 'pit');
  const policy = pit === undefined || pit.tickpolicy === 'catchup' ? undefined : (pit.tickpolicy ?? 'delay');
  return emits(
    policy === undefined ? undefined : plainOption('-global', `kvm-pit.lost_tick_policy=${policy}`),
  );
}

/** Whether the machine has an HPET: `-machine hpet=off`; before QEMU 8.0 that is `-no-hpet`. */
export function hpetOfMachine({ domain, env }: EmitContext): Emission {
  if (!hasOption(env.caps, 'machine', 'hpet')) return emits();
  return { options: [], machine: [['hpet', timerOf(domain.clock, 'hpet')?.present]] };
}

/** `-no-hpet`, where the machine has no property for it. */
export function noHpetOption({ domain, env }: EmitContext): Emission {
  const isOff = timerOf(domain.clock, 'hpet')?.present === false;
  return emits(isOff && !hasOption(env.caps, 'machine', 'hpet') ? plainOption('-no-hpet') : undefined);
}

/** Timers that are the CPU's: kvmclock, Hyper-V's reference counter, the frequency of the TSC. */
export const timerCpuProperties: CpuContributor = ({ domain }) =>
  domain.clock.timer.flatMap((timer): KeyValue[] => {
    switch (timer.name) {
      case 'kvmclock':
        return timer.present === undefined ? [] : [['kvmclock', timer.present]];
      case 'hypervclock':
        return timer.present ? [['hv-time', true]] : [];
      case 'tsc':
        return !timer.frequency ? [] : [['tsc-frequency', timer.frequency]];
      default:
        return [];
    }
  });

function timerOf(clock: Clock, name: Timer['name']): Timer | undefined {
  return clock.timer.find((t) => t.name === name);
}
