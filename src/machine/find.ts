import type { MachineContext } from './context.ts';
import { definedMachines } from './definitions.ts';
import { machineFiles, machinesDirectory } from './files.ts';
import { isDefined } from './require.ts';
import { observe } from './state.ts';

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/**
 * The name of the machine that is meant by its name or its UUID, running or defined. What is neither comes back as it is, for
 * whoever looks for it to refuse.
 */
export function machineName(cx: MachineContext, reference: string): string {
  if (!UUID.test(reference)) return reference;
  const isName =
    isDefined(cx, reference) || cx.host.status(machineFiles(cx.directories, reference).directory);
  if (isName) return reference;
  return nameOfUuid(cx, reference) ?? reference;
}

/** The name of the machine with this UUID, with a run directory or defined. */
export function nameOfUuid(cx: MachineContext, reference: string): string | undefined {
  const uuid = digitsOf(reference);
  return running(cx, uuid) ?? definedMachines(cx).find((d) => digitsOf(d.uuid) === uuid)?.name;
}

function running({ host, directories }: MachineContext, uuid: string): string | undefined {
  return host.listDirectory(machinesDirectory(directories)).find((name) => {
    const seen = observe(host, machineFiles(directories, name));
    return 'state' in seen && digitsOf(seen.state?.uuid ?? '') === uuid;
  });
}

function digitsOf(uuid: string): string {
  return uuid.replaceAll('-', '').toLowerCase();
}
