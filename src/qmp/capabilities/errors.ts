import { defineErrors } from '../../errors/index.ts';

/** What can be wrong with the answers that capabilities are built from. */
export const CAPABILITY_ERRORS = defineErrors('capabilities', () => ({
  'transcript-malformed': {
    class: 'syntax',
    message: (p: { document: number; why: string }) =>
      `document ${p.document} of the QMP transcript is malformed: ${p.why}`,
    hint: () =>
      'a transcript is a sequence of JSON documents separated by blank lines: a command, then its reply',
  },
  'answer-missing': {
    class: 'invalid',
    message: (p: { command: string }) => `the QMP answers have no usable reply to '${p.command}'`,
  },
  'answer-malformed': {
    class: 'invalid',
    message: (p: { command: string; expected: string }) =>
      `QEMU's reply to '${p.command}' is malformed: expected ${p.expected}`,
  },
  'qemu-cannot-start': {
    class: 'unavailable',
    message: (p: { binary: string; why: string }) => `cannot start '${p.binary}': ${p.why}`,
    hint: () => 'name a QEMU with <emulator>, or install one (Debian: qemu-system-x86)',
  },
  'qemu-ended': {
    class: 'unavailable',
    message: (p: { binary: string; how: string; stderr: string }) =>
      `${p.stderr === '' ? '' : `${p.stderr}: `}'${p.binary}' ended with ${p.how} before it said what it can do`,
  },
  'qemu-silent': {
    class: 'unavailable',
    message: (p: { binary: string; why: string; stderr: string }) =>
      `${p.stderr === '' ? '' : `${p.stderr}: `}'${p.binary}' did not say what it can do: ${p.why}`,
  },
}));
