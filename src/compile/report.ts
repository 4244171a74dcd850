import { type Diagnostic, diagnose, type ErrorRule, QdomError } from '../errors/index.ts';
import type { Where } from '../xml/index.ts';

/** Collects what a phase has to say; a phase ends by `end`, so that all of its errors are told at once. */
export class Report {
  readonly #diagnostics: Diagnostic[] = [];
  /** Errors with which a definition can be kept: they count when it is to run. */
  readonly #atStart: Diagnostic[] = [];
  #isStarting = false;

  /** `cx.report.add(diskErrors['duplicate-target'], { target }, whereIs(disk, 'target', '@dev'))` */
  add<P>(rule: ErrorRule<P>, params: P, where: Where): void {
    const to = rule.keepable && !this.#isStarting ? this.#atStart : this.#diagnostics;
    to.push(diagnose(rule, params, where));
  }

  addAll(diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics.push(...diagnostics);
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some((d) => d.severity === 'error');
  }

  /** What is no error for a definition that is kept: errors that its start will tell are warnings here. */
  get warnings(): readonly Diagnostic[] {
    const later = this.#atStart.map((d) => ({ ...d, severity: 'warning' as const }));
    return [...this.#diagnostics.filter((d) => d.severity === 'warning'), ...later];
  }

  /** From here on the domain is to run, and what forbids that is an error. */
  start(): void {
    this.#isStarting = true;
    this.#diagnostics.push(...this.#atStart.splice(0));
  }

  /** @throws QdomError with all diagnostics if one of them is an error. */
  end(): void {
    if (this.hasErrors) throw new QdomError(this.#diagnostics);
  }
}
