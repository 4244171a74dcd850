import { defineErrors } from '../../../errors/index.ts';

/** Seconds from 1970 between which years have four digits. */
export const FIRST_MOMENT = -62_167_219_200;
export const LAST_MOMENT = 253_402_300_799;

export const clockErrors = defineErrors('clock', () => ({
  'missing-timezone': {
    class: 'invalid',
    message: () => "a clock with offset='timezone' needs the attribute 'timezone'",
  },
  'no-such-moment': {
    class: 'invalid',
    message: (p: { seconds: number | bigint }) =>
      `the guest's clock cannot begin '${p.seconds}' seconds after 1970: '${LAST_MOMENT}' is the last of year 9999`,
  },
  'start-too-late': {
    class: 'unsupported',
    message: (p: { seconds: bigint }) =>
      `the guest's clock cannot 'start' at '${p.seconds}' seconds after 1970: '${LAST_MOMENT}' is the last of year 9999`,
  },
  'timer-attribute': {
    class: 'invalid',
    message: (p: { name: string; attribute: string }) =>
      `the timer '${p.name}' has no attribute '${p.attribute}'`,
  },
  'timer-untouched': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { name: string; attribute: string }) =>
      `QEMU cannot set '${p.attribute}' of the timer '${p.name}': it has no effect`,
  },
  'catchup-without-policy': {
    class: 'invalid',
    message: (p: { name: string }) => `<catchup> of the timer '${p.name}' needs tickpolicy='catchup'`,
  },
  'repeated-timer': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { name: string }) => `the timer '${p.name}' is written more than once`,
  },
  'unsupported-timer': {
    class: 'unsupported',
    message: (p: { name: string }) => `QEMU on x86_64 has no timer '${p.name}'`,
  },
  'unsupported-track': {
    class: 'unsupported',
    message: (p: { track: string }) => `the rtc timer cannot track '${p.track}'`,
  },
  'unsupported-tickpolicy': {
    class: 'unsupported',
    message: (p: { name: string; tickpolicy: string }) =>
      `the timer '${p.name}' has no tickpolicy '${p.tickpolicy}'`,
  },
  'catchup-ignored': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { name: string }) =>
      `QEMU cannot tune how the timer '${p.name}' catches up: <catchup> is ignored`,
  },
}));
