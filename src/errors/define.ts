import { lazyObject } from '../lazy/index.ts';
import type { Diagnostic, DiagnosticClass } from './diagnostic.ts';

/** A rule that can be broken: its stable code and the words for it. */
export interface ErrorRule<P = void> {
  readonly code: string;
  readonly class: DiagnosticClass;
  readonly severity: 'error' | 'warning';
  /** The definition can be kept all the same, as libvirt keeps it; it cannot be started. */
  readonly keepable?: boolean;
  readonly message: (params: P) => string;
  /** What to do about it; undefined where there is nothing to say. */
  readonly hint?: (params: P) => string | undefined;
}

/** What a rule looks like where it is declared; `code` comes from its key, severity is `error` unless said. */
export interface ErrorDeclaration<P> {
  readonly class: DiagnosticClass;
  readonly severity?: 'error' | 'warning';
  readonly keepable?: boolean;
  readonly message: (params: P) => string;
  readonly hint?: (params: P) => string | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: each declaration keeps its own parameter type
type Declarations = Record<string, ErrorDeclaration<any>>;

/** The rules of one area; the key of a rule is the second half of its code. */
export type ErrorCatalogue<D extends Declarations> = {
  readonly [K in keyof D]: D[K] extends ErrorDeclaration<infer P> ? ErrorRule<P> : never;
};

/**
 * Declares the rules of one area: `defineErrors('disk', () => ({ 'duplicate-target': {…} }))` gives the rule
 * `disk/duplicate-target`. A rule, its code and the fixture that breaks it share this name. They are made when the first of
 * them is needed: most runs break none.
 */
export function defineErrors<D extends Declarations>(area: string, declare: () => D): ErrorCatalogue<D> {
  return lazyObject(() => {
    const rules = Object.entries(declare()).map(([name, declaration]) => [
      name,
      { severity: 'error', ...declaration, code: `${area}/${name}` },
    ]);
    return Object.fromEntries(rules);
  });
}

/** Makes the diagnostic that says that `rule` was broken. */
export function diagnose<P>(
  rule: ErrorRule<P>,
  params: P,
  where: Pick<Diagnostic, 'path' | 'file' | 'at'> = {},
): Diagnostic {
  const hint = rule.hint?.(params);
  return {
    severity: rule.severity,
    class: rule.class,
    code: rule.code,
    message: rule.message(params),
    ...where,
    ...(hint === undefined ? {} : { hint }),
  };
}
