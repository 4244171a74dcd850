import { appendFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** A line of the report: one file of tests that has ended, or the errors that belong to none. */
export interface FileReport {
  /** Its path in the project. */
  readonly file: string;
  /** It failed as a whole: it could not be loaded, or a hook failed. */
  readonly isBroken: boolean;
  readonly tests: readonly {
    readonly name: string;
    readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
    /** Why it was skipped, where it says so. */
    readonly why?: string;
  }[];
}

/**
 * Appends a line of JSON to the file named by QDOM_TEST_REPORT as each file of tests ends: of a run that is cut off it is known
 * how far it came. vitest's own JSON report comes at the end or never, and does not say why a test was skipped.
 */
export default class LineReporter implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const tests = [...module.children.allTests()].map((test) => {
      const result = test.result();
      const why = result.state === 'skipped' ? result.note : undefined;
      return { name: test.fullName, state: result.state, ...(why !== undefined && { why }) };
    });
    const isBroken = module.state() === 'failed' && tests.every(({ state }) => state !== 'failed');
    append({ file: module.relativeModuleId, isBroken, tests });
  }

  onTestRunEnd(_: unknown, errors: readonly SerializedError[]): void {
    if (errors.length > 0) append({ file: 'outside of the tests', isBroken: true, tests: [] });
  }
}

function append(report: FileReport): void {
  const { QDOM_TEST_REPORT: file } = process.env;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(report)}\n`);
}
