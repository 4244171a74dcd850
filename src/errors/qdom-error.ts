import { diagnose, type ErrorRule } from './define.ts';
import type { Diagnostic } from './diagnostic.ts';

/** The one error class that leaves the library: it carries diagnostics, the first of which is its message. */
export class QdomError extends Error {
  override readonly name: string = 'QdomError';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], options?: ErrorOptions) {
    const first = diagnostics.find((d) => d.severity === 'error') ?? diagnostics[0];
    super(first?.message ?? 'unknown error', options);
    this.diagnostics = diagnostics;
  }

  /** The diagnostic that decides the exit status. */
  get primary(): Diagnostic | undefined {
    return this.diagnostics.find((d) => d.severity === 'error') ?? this.diagnostics[0];
  }
}

/** An error for one broken rule, with the cause kept: `throw fail(rule, params, { cause })`. */
export function fail<P>(
  rule: ErrorRule<P>,
  params: P,
  options: ErrorOptions & { where?: Pick<Diagnostic, 'path' | 'file' | 'at'> } = {},
): QdomError {
  const { where, ...errorOptions } = options;
  return new QdomError([diagnose(rule, params, where)], errorOptions);
}
