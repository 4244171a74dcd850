import { type Diagnostic, diagnose, type ErrorRule } from '../../errors/index.ts';
import type { Where } from '../element.ts';

/** Collects what is wrong while a document is read. */
export class Reader {
  readonly diagnostics: Diagnostic[] = [];
  /** How many of these are errors: what is only told makes no value wrong. */
  errorCount = 0;

  report<P>(rule: ErrorRule<P>, params: P, where: Where): void {
    this.diagnostics.push(diagnose(rule, params, where));
    if (rule.severity === 'error') this.errorCount++;
  }
}
