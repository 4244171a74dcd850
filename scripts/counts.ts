import { readFileSync } from 'node:fs';

/** How many tests came out how; those that were skipped by name. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** What vitest's JSON report says. */
export function countReport(file: string): Count {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  const all = testResults.flatMap((f) => f.assertionResults);
  const failed = all.filter((t) => t.status === 'failed').length;
  // A file that could not even be loaded has no failed test of its own.
  const broken = testResults.filter(
    (f) => f.status === 'failed' && f.assertionResults.every((t) => t.status !== 'failed'),
  );
  return {
    passed: all.filter((t) => t.status === 'passed').length,
    failed: failed + broken.length,
    skipped: all.filter((t) => !['passed', 'failed'].includes(t.status)).map((t) => t.fullName),
  };
}

/** A test says in its name what it needs; that is the reason for which it was skipped. The exit status is the result. */
export function summarize(all: readonly Count[]): void {
  const skipped = all.flatMap((c) => c.skipped);
  if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((name) => `  ${name}`).join('\n')}`);
  const sum = (key: 'passed' | 'failed') => all.reduce((total, count) => total + count[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${skipped.length} skipped`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}
