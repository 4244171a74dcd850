import type { CliContext } from './context.ts';

/** One command as the user sees it; its code is loaded only when it runs. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Commander's notation: `<file>`, `[name]`, `<words...>`. */
  readonly args?: readonly (readonly [notation: string, help: string])[];
  readonly options?: readonly (readonly [
    flags: string,
    help: string,
    /** The values that it takes; or it can be given more than once. */
    choices?: readonly string[] | 'repeatable',
  ])[];
  readonly load: () => Promise<CommandModule>;
}

export interface CommandModule {
  /** Runs the command; a number is the exit status, nothing is 0. */
  readonly run: (
    cx: CliContext,
    args: readonly string[],
    options: CommandOptions,
  ) => Promise<number | undefined>;
}

export type CommandOptions = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** An option's value as text, where it was given with one. */
export function textOption(options: CommandOptions, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of an option that can be given more than once. */
export function repeatedOption(options: CommandOptions, name: string): readonly string[] {
  const values = options[name];
  return Array.isArray(values) ? (values as readonly string[]) : [];
}

/** The argument at a place that the command's notation makes compulsory. */
export function argument(args: readonly string[], index: number): string {
  const value = args[index];
  if (value === undefined) throw new RangeError(`argument ${index} is missing`);
  return value;
}
