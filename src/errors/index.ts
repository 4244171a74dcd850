export { defineErrors, diagnose, type ErrorCatalogue, type ErrorRule } from './define.ts';
export type { Diagnostic, DiagnosticClass, SourceLocation } from './diagnostic.ts';
export { didYouMean } from './did-you-mean.ts';
export { EXIT_STATUS } from './exit-status.ts';
export { messageOf } from './message-of.ts';
export { fail, QdomError } from './qdom-error.ts';
export { Secret } from './secret.ts';
