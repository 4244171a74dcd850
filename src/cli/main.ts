import { existsSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT_STATUS, fail, messageOf, QdomError } from '../errors/index.ts';
import type { CommandOptions, CommandSpec } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { type CliContext, createContext, signalStatus } from './context.ts';
import { cliErrors } from './errors.ts';
import { SourcedError } from './sourced-error.ts';
import { onOutError, writeErr, writeOut } from './streams.ts';

declare const __QDOM_VERSION__: string | undefined;
const VERSION = typeof __QDOM_VERSION__ === 'string' ? __QDOM_VERSION__ : 'development';

/** Runs the command line and gives the exit status; it never throws and never prints a stack trace. */
export async function main(argv: readonly string[]): Promise<number> {
  let status = 0;
  const program = createProgram(commandsFor(argv), (code) => {
    status = code;
  });
  try {
    await program.parseAsync(argv as string[], { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT_STATUS.ok;
    if (!error.code.startsWith('commander.help')) await tellUsage(error, argv);
    return EXIT_STATUS.usage;
  }
}

/** commander's complaint as a diagnostic, so that it looks like every other and is an object with `--json`. */
async function tellUsage({ message }: CommanderError, argv: readonly string[]): Promise<void> {
  const [problem = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const [name] = argv.filter((word) => COMMANDS.some((spec) => spec.name === word));
  const help = `'qdom ${name === undefined ? '' : `${name} `}--help' shows what there is`;
  const hint = suggestion === undefined ? help : suggestion.replace(/^\((.*)\)$/, '$1');
  const cx = createContext({ json: argv.includes('--json') }, new AbortController().signal);
  await cx.tell(fail(cliErrors.usage, { problem: problem.replace(/\.$/, ''), hint }).diagnostics);
}

/** Errors are told by `tellUsage`; help goes the way of all that is printed. */
const OUTPUT = { outputError: () => undefined, writeOut, writeErr };

/** The command that is called, or all for help and for a word that is none: to make them all takes longer than to run one. */
function commandsFor(argv: readonly string[]): readonly CommandSpec[] {
  const word = argv.find((w, i) => !w.startsWith('-') && !['--root', '--config'].includes(argv[i - 1] ?? ''));
  const called = COMMANDS.filter(({ name }) => name === word);
  return called.length === 0 || argv.includes('-h') || argv.includes('--help') ? COMMANDS : called;
}

function createProgram(commands: readonly CommandSpec[], done: (status: number) => void): Command {
  const program = new Command('qdom')
    .description('Runs libvirt domain XML on bare QEMU/KVM, without a daemon.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--root <dir>', 'keep definitions, machines and logs under DIR', notEmpty)
    .option('--config <file>', 'the configuration file', notEmpty)
    .option('--json', 'print JSON: answers on stdout, errors on stderr, one object each')
    .option('--strict', 'take warnings for errors')
    .configureOutput(OUTPUT)
    .enablePositionalOptions(false)
    .exitOverride();
  for (const spec of commands) program.addCommand(createCommand(spec, done));
  return program;
}

/** A variable of a script that is not set must not mean the current directory. */
function notEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('It is empty.');
  return value;
}

/** Every value of an option that is given several times. */
function appended(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function createCommand(spec: CommandSpec, done: (status: number) => void): Command {
  const command = new Command(spec.name)
    .description(spec.summary)
    .helpOption('-h, --help', 'print help')
    .configureOutput(OUTPUT)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const [notation, help] of spec.args ?? []) command.argument(notation, help);
  for (const [flags, help, choices] of spec.options ?? []) {
    const option = new Option(flags, help);
    if (choices === 'repeatable') option.argParser(appended);
    else if (choices !== undefined) option.choices(choices);
    command.addOption(option);
  }
  // Options that all commands share may stand before or after the command's name.
  command
    .addOption(new Option('--root <dir>').argParser(notEmpty).hideHelp())
    .addOption(new Option('--config <file>').argParser(notEmpty).hideHelp())
    .addOption(new Option('--json').hideHelp())
    .addOption(new Option('--strict').hideHelp());
  command.action(async () => {
    const options = command.optsWithGlobals() as CommandOptions;
    const local = command.opts() as CommandOptions;
    const merged = { ...options, ...local };
    done(
      await execute(
        spec,
        command.processedArgs.flat().filter((a): a is string => typeof a === 'string'),
        merged,
      ),
    );
  });
  return command;
}

async function execute(spec: CommandSpec, args: readonly string[], options: CommandOptions): Promise<number> {
  const interrupt = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (signal: NodeJS.Signals) => interrupt.abort(signal);
  for (const signal of signals) process.once(signal, stop);
  const unheard = onOutError(() => interrupt.abort('SIGPIPE'));
  const cx = createContext(options as { json?: boolean; strict?: boolean; root?: string }, interrupt.signal);
  try {
    if (cx.config !== undefined && !existsSync(cx.config))
      throw fail(cliErrors['no-such-file'], { file: cx.config, problem: 'ENOENT' });
    const module = await spec.load();
    return (await module.run(cx, args, options)) ?? EXIT_STATUS.ok;
  } catch (error) {
    return await explain(cx, error);
  } finally {
    for (const signal of signals) process.off(signal, stop);
    unheard();
  }
}

const UNDO_FAILED = 'host/undo-failed';

/** Tells what went wrong and gives the exit status for it. */
async function explain(cx: CliContext, error: unknown): Promise<number> {
  const inner = error instanceof SourcedError ? error.inner : error;
  const interrupted = signalStatus(cx.signal);
  if (interrupted !== undefined) {
    // Whoever has interrupted it knows why it failed, and not what is left.
    if (inner instanceof QdomError)
      await cx.tell(inner.diagnostics.filter(({ code }) => code === UNDO_FAILED));
    return interrupted;
  }
  const source = error instanceof SourcedError ? error.source : undefined;
  if (inner instanceof QdomError) {
    await cx.tell(inner.diagnostics, source);
    return EXIT_STATUS[inner.primary?.class ?? 'internal'];
  }
  const refusal = systemRefusal(inner);
  await cx.tell((refusal ?? fail(cliErrors.bug, { problem: messageOf(inner) })).diagnostics);
  if (process.env.QDOM_DEBUG && inner instanceof Error) writeErr(`${inner.stack}\n`);
  return refusal === undefined ? EXIT_STATUS.internal : EXIT_STATUS.failed;
}

/** A full disk, too many open files and the like are no bugs of ours. */
function systemRefusal(error: unknown): QdomError | undefined {
  if (!(error instanceof Error) || !('syscall' in error)) return undefined;
  const { message, path } = error as NodeJS.ErrnoException;
  return fail(cliErrors['system-refused'], { problem: message, path });
}
