import { constants } from 'node:os';
import type { Diagnostic } from '../errors/index.ts';
import { jsonText } from './json.ts';
import { printDiagnostics } from './print-diagnostic.ts';
import { writeErr, writeOut } from './streams.ts';

/** What every command gets: the options that all share and the two streams. */
export interface CliContext {
  readonly json: boolean;
  /** Warnings are errors. */
  readonly strict: boolean;
  /** The directory that everything is under, instead of the usual ones. */
  readonly root: string | undefined;
  /** The configuration file, instead of the usual one. */
  readonly config: string | undefined;
  /** Ends by SIGINT, SIGTERM or SIGHUP, and by SIGPIPE when nobody reads what is printed any more. */
  readonly signal: AbortSignal;
  /** Writes the command's answer: the object with `--json`, else the text. */
  readonly answer: (object: unknown, text: () => string) => void;
  /** Tells something that is not the answer, on stderr; silent with `--json`. */
  readonly note: (text: string) => void;
  /** Prints diagnostics on stderr, with the source lines they point at where the text is given. */
  readonly tell: (diagnostics: readonly Diagnostic[], source?: string) => Promise<void>;
}

export function createContext(
  shared: { json?: boolean; strict?: boolean; root?: string; config?: string },
  signal: AbortSignal,
): CliContext {
  const json = shared.json ?? false;
  return {
    json,
    strict: shared.strict ?? false,
    root: shared.root,
    config: shared.config,
    signal,
    answer: (object, text) => {
      const out = json ? jsonText(object) : text();
      if (out !== '') writeOut(out.endsWith('\n') ? out : `${out}\n`);
    },
    note: (text) => {
      if (!json) writeErr(`${text}\n`);
    },
    tell: async (diagnostics, source) => {
      const objects = () => diagnostics.map((diagnostic) => `${JSON.stringify(diagnostic)}\n`).join('');
      const text = json ? objects() : await printDiagnostics(diagnostics, source);
      if (text !== '') writeErr(text);
    },
  };
}

/**
 * The exit status of a command that a signal ended, as a shell gives it: 128 and the signal's number; undefined where none has.
 */
export function signalStatus({ aborted, reason }: AbortSignal): number | undefined {
  if (!aborted) return undefined;
  return 128 + (constants.signals[reason as NodeJS.Signals] ?? constants.signals.SIGINT);
}
