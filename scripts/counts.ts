import { existsSync, readFileSync } from 'node:fs';
import type { FileReport } from '../test/reporter.ts';

/** How many tests came out how; those that were skipped by name, with the reason. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

/** The report that `test/reporter.ts` writes, as far as it came. */
export function readReport(file: string): readonly FileReport[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as FileReport);
}

/** A test without a reason of its own says in its name what it needs. */
export function countReport(reports: readonly FileReport[]): Count {
  const tests = reports.flatMap((report) => report.tests);
  const count = (state: string) => tests.filter((test) => test.state === state).length;
  return {
    passed: count('passed'),
    failed: count('failed') + reports.filter(({ isBroken }) => isBroken).length,
    skipped: tests
      .filter(({ state }) => state === 'skipped' || state === 'pending')
      .map(({ name, why }) => (why === undefined ? name : `${name}: ${why}`)),
  };
}

/** Prints the sum, last of all. The exit status is the result. */
export function summarize(all: readonly Count[]): void {
  const skipped = all.flatMap((c) => c.skipped);
  if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((name) => `  ${name}`).join('\n')}`);
  const sum = (key: 'passed' | 'failed') => all.reduce((total, count) => total + count[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${skipped.length} skipped`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}
