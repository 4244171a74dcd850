import {
  type MachineContext,
  rebootMachine,
  resetMachine,
  resumeMachine,
  shutdownMachine,
  suspendMachine,
} from '../../machine/index.ts';
import { type CommandModule, type CommandOptions, textOption } from '../command.ts';
import { machineArgument, machinesOf } from '../machines.ts';

type Operation = (machines: MachineContext, name: string, options: CommandOptions) => Promise<unknown>;

/** A command that does one thing to one machine and says so. */
function control(operation: Operation, done: (name: string) => string): CommandModule {
  return {
    run: async (cx, args, options) => {
      const machines = machinesOf(cx);
      const name = machineArgument(machines, args);
      await operation(machines, name, options);
      cx.answer({ name }, () => done(name));
      return undefined;
    },
  };
}

function modeOf(options: CommandOptions): { mode?: 'acpi' | 'agent' } {
  const mode = textOption(options, 'mode');
  return mode === 'acpi' || mode === 'agent' ? { mode } : {};
}

export const shutdown = control(
  (machines, name, options) => shutdownMachine(machines, name, modeOf(options)),
  (name) => `Domain '${name}' is being shut down`,
);
export const reboot = control(
  (machines, name, options) => rebootMachine(machines, name, modeOf(options)),
  (name) => `Domain '${name}' is being rebooted`,
);
export const reset = control(
  (machines, name) => resetMachine(machines, name),
  (name) => `Domain '${name}' was reset`,
);
export const suspend = control(
  (machines, name) => suspendMachine(machines, name),
  (name) => `Domain '${name}' suspended`,
);
export const resume = control(
  (machines, name) => resumeMachine(machines, name),
  (name) => `Domain '${name}' resumed`,
);
