import { fail, type QdomError } from '../errors/index.ts';
import type { MachineContext } from './context.ts';
import { machineErrors } from './errors.ts';
import { definitionFile, machineFiles } from './files.ts';
import { checkName } from './names.ts';
import { type Observation, observe } from './state.ts';

/**
 * The running machine of this name.
 * @throws QdomError `machine/bad-name`, `machine/not-found`, `machine/not-running`.
 */
export function requireAlive(cx: MachineContext, name: string): Observation & { kind: 'alive' } {
  checkName(name);
  const seen = observe(cx.host, machineFiles(cx.directories, name));
  if (seen.kind !== 'alive') throw notRunning(cx, name);
  return seen;
}

export function notRunning(cx: MachineContext, name: string): QdomError {
  const rule = isDefined(cx, name) ? machineErrors['not-running'] : machineErrors['not-found'];
  return fail(rule, { name });
}

export function isDefined(cx: MachineContext, name: string): boolean {
  return cx.host.status(definitionFile(cx.directories, name)) !== undefined;
}
