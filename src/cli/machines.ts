import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { QdomError } from '../errors/index.ts';
import { realHost } from '../host/real.ts';
import {
  type MachineContext,
  machineName,
  type StartedMachine,
  type StartOptions,
  startMachine,
} from '../machine/index.ts';
import type { Plan } from '../plan/index.ts';
import { argument, type CommandOptions } from './command.ts';
import { readConfig } from './config.ts';
import type { CliContext } from './context.ts';
import { directoriesOf, requireReadable } from './directories.ts';
import { fdGroups } from './fd-groups.ts';
import type { InputText } from './input.ts';
import { withSource } from './sourced-error.ts';

/**
 * The machines of the directories that the command line names, on this host.
 * @throws QdomError `cli/unreadable-directory`.
 */
export function machinesOf(cx: CliContext): MachineContext {
  const directories = directoriesOf(cx);
  for (const path of [directories.config, directories.run]) requireReadable(path);
  const [node, script] = [process.execPath, process.argv[1]];
  const root = cx.root === undefined ? [] : ['--root', resolve(cx.root)];
  return {
    directories,
    host: realHost(),
    reapCommand:
      script === undefined ? [] : [node, ...process.execArgv, realpathSync(script), ...root, 'reap'],
  };
}

/** The name of the machine that the first argument means: it may be its UUID. */
export function machineArgument(machines: MachineContext, args: readonly string[]): string {
  return machineName(machines, argument(args, 0));
}

/** What every command that starts a machine takes from the configuration and from its options. */
export function startOptions(cx: CliContext, options: CommandOptions): StartOptions {
  const { startTimeoutSeconds } = readConfig(cx);
  return {
    ...(startTimeoutSeconds !== undefined && { timeoutMs: startTimeoutSeconds * 1000 }),
    ...fdGroups(options),
    signal: cx.signal,
  };
}

/**
 * Starts the machine of a plan that was compiled from `input`; what QEMU or the host refuses is told with the line of
 * the input that asked for it.
 */
export function startFrom(
  input: InputText,
  machines: MachineContext,
  plan: Plan,
  options: StartOptions,
): Promise<StartedMachine> {
  return withSource(input.text, async () => {
    try {
      return await startMachine(machines, plan, options);
    } catch (error) {
      throw error instanceof QdomError && input.file !== undefined ? inFile(error, input.file) : error;
    }
  });
}

function inFile(error: QdomError, file: string): QdomError {
  const diagnostics = error.diagnostics.map((d) => (d.at === undefined ? d : { file, ...d }));
  return new QdomError(diagnostics, { cause: error });
}
