import type { DiagnosticClass } from './diagnostic.ts';

/** What the process ends with; documented in README and stable. 1 is left for what is not ours to say. */
export const EXIT_STATUS = {
  ok: 0,
  usage: 2,
  syntax: 3,
  invalid: 4,
  unsupported: 5,
  'not-implemented': 6,
  unavailable: 7,
  'not-found': 8,
  conflict: 9,
  failed: 10,
  internal: 70,
} as const satisfies Record<DiagnosticClass | 'ok', number>;
