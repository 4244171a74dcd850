import { existsSync, readFileSync } from 'node:fs';
import type { FileReport } from '../test/reporter.ts';

/** How many tests came out how; those that did not pass by name, with the reason. */
export interface Count {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

/** The report that `test/reporter.ts` writes, as far as it came. */
export function readReport(file: string): readonly FileReport[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as FileReport);
}

/** A test that was skipped without a reason of its own says in its name what it needs. */
export function countReport(reports: readonly FileReport[]): Count {
  const tests = reports.flatMap((report) => report.tests);
  const those = (...states: string[]) =>
    tests
      .filter(({ state }) => states.includes(state))
      .map(({ name, why }) => (why === undefined ? name : `${name}: ${why}`));
  const broken = reports.flatMap(({ file, broken }) => (broken === undefined ? [] : [`${file}: ${broken}`]));
  return {
    passed: those('passed').length,
    failed: [...those('failed'), ...broken],
    skipped: those('skipped', 'pending'),
  };
}

/** Prints what did not pass, whatever was printed before, and the sum last of all. The exit status is the result. */
export function summarize(all: readonly Count[]): void {
  const skipped = all.flatMap((count) => count.skipped);
  const failed = all.flatMap((count) => count.failed);
  list('Skipped', skipped);
  list('Failed', failed);
  const passed = all.reduce((total, count) => total + count.passed, 0);
  console.log(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function list(title: string, entries: readonly string[]): void {
  if (entries.length === 0) return;
  console.log(`\n${title}:\n${entries.map((entry) => `  ${entry.replaceAll('\n', '\n    ')}`).join('\n')}`);
}
