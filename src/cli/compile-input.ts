import { randomUUID } from 'node:crypto';
import { type DomainDocument, readDomain } from '../compile/index.ts';
import type { Diagnostic } from '../errors/index.ts';
import { fail } from '../errors/index.ts';
import type { CompileEnv, Profile } from '../plan/index.ts';
import { type CommandOptions, textOption } from './command.ts';
import type { CliContext } from './context.ts';
import { directoriesOf } from './directories.ts';
import { cliErrors } from './errors.ts';
import { type InputText, readInput } from './input.ts';
import { withSource } from './sourced-error.ts';

/** What `compile` and `normalize` have in common. */
interface Answer {
  readonly warnings: readonly Diagnostic[];
}

/**
 * Reads a domain from a file or standard input and runs `use` on it with the environment that the options
 * ask for; errors are told with the lines of the input.
 */
export async function withDomain<T extends Answer>(
  cx: CliContext,
  file: string,
  options: CommandOptions,
  use: (document: DomainDocument, env: CompileEnv) => T,
): Promise<T> {
  return withDomainText(cx, await readInput(cx, file), options, use);
}

/** The same for a text that is there already. */
export async function withDomainText<T extends Answer>(
  cx: CliContext,
  input: InputText,
  options: CommandOptions,
  use: (document: DomainDocument, env: CompileEnv) => T,
): Promise<T> {
  return withSource(input.text, async () => {
    const document = readDomain(input.text, input.file);
    const result = use(document, await environmentFor(cx, document, options));
    await tellWarnings(cx, result.warnings, input.text);
    return result;
  });
}

async function environmentFor(
  cx: CliContext,
  document: DomainDocument,
  options: CommandOptions,
): Promise<CompileEnv> {
  const facts = textOption(options, 'facts');
  const incoming = textOption(options, 'incoming');
  const chosen = {
    uuid: document.uuid ?? randomUUID(),
    ...(incoming !== undefined && { incoming }),
    ...(options.abiUpdate === true && { abiUpdate: true }),
  };
  if (facts !== undefined) {
    const { recordedEnvironment } = await import('./environment.ts');
    return recordedEnvironment(facts, { ...chosen, profile: profileOf(options, '/run/qdom') });
  }
  const { hostEnvironment } = await import('../environment/index.ts');
  const { readConfig } = await import('./config.ts');
  return hostEnvironment(document, {
    ...chosen,
    directories: directoriesOf(cx),
    config: readConfig(cx),
    profile: (runDir) => profileOf(options, runDir),
    images: options.images !== false,
    signal: cx.signal,
  });
}

function profileOf(options: CommandOptions, runDir: string): Profile {
  return options.profile === 'libvirt' ? { kind: 'libvirt' } : { kind: 'qdom', runDir };
}

/** Tells warnings. @throws QdomError `cli/warnings-are-errors` where `--strict` makes them so. */
export async function tellWarnings(
  cx: CliContext,
  warnings: readonly Diagnostic[],
  source: string,
): Promise<void> {
  await cx.tell(warnings, source);
  if (cx.strict && warnings.length > 0)
    throw fail(cliErrors['warnings-are-errors'], { count: warnings.length });
}
