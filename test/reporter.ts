import { appendFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** A line of the report: one file of tests that has ended, or the errors that belong to none. */
export interface FileReport {
  /** Its path in the project. */
  readonly file: string;
  /** Why it failed as a whole: it could not be loaded, or a hook failed. */
  readonly broken: string | undefined;
  readonly tests: readonly {
    readonly name: string;
    readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
    /** Why it failed, or was skipped, where it says so. */
    readonly why: string | undefined;
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
      const why = result.state === 'skipped' ? result.note : explain(result.errors);
      return { name: test.fullName, state: result.state, why };
    });
    append({ file: module.relativeModuleId, broken: explain(suiteErrors(module)), tests });
  }

  onTestRunEnd(_: unknown, errors: readonly SerializedError[]): void {
    if (errors.length > 0) append({ file: 'outside of the tests', broken: explain(errors), tests: [] });
  }
}

/** What the file itself, and the hooks in it, failed with. */
function suiteErrors(module: TestModule): readonly SerializedError[] {
  return [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())];
}

/** The errors as one reads them: the message, the difference if there is one, and where. */
function explain(errors: readonly SerializedError[] = []): string | undefined {
  if (errors.length === 0) return undefined;
  return errors
    .map(({ message, diff, stacks }) => {
      const [at] = stacks ?? [];
      return [message, diff, at && `at ${at.file}:${at.line}:${at.column}`].filter(Boolean).join('\n');
    })
    .join('\n');
}

function append(report: FileReport): void {
  const { QDOM_TEST_REPORT: file } = process.env;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(report)}\n`);
}
