import { type Diagnostic, diagnose } from '../errors/index.ts';
import { type EndedHelper, endedHelpers, type Helper, helperLog } from '../host/helper.ts';
import { openSteps } from '../host/journal.ts';
import type { HostSystem } from '../host/system.ts';
import { machineErrors } from './errors.ts';
import type { MachineFiles } from './files.ts';
import { observe } from './state.ts';

/** The programs that were started for a machine and are its own: those that its journal names. */
function helpersOf(host: HostSystem, { journal }: MachineFiles): readonly Helper[] {
  return openSteps(host, journal).flatMap(({ record: { device, program, socket } }) =>
    typeof device === 'string' && typeof program === 'string' && typeof socket === 'string'
      ? [{ device, program, socket }]
      : [],
  );
}

/** Those that are no more although QEMU is: nobody starts them again. */
export function lostHelpers(host: HostSystem, files: MachineFiles): readonly EndedHelper[] {
  const ended = endedHelpers(host, helpersOf(host, files));
  // At the machine's end they end with QEMU.
  return ended.length > 0 && observe(host, files).kind === 'alive' ? ended : [];
}

/** What they have written, each line with the name of the device that its helper serves. */
export function helperLogs(host: HostSystem, files: MachineFiles): string {
  return helpersOf(host, files)
    .flatMap((helper) =>
      helperLog(host, helper)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => `${helper.device}: ${line}\n`),
    )
    .join('');
}

/** What is to be said of them to whoever asks for the machine. */
export function tellLostHelpers({
  name,
  lostHelpers: lost = [],
}: {
  readonly name: string;
  readonly lostHelpers?: readonly EndedHelper[];
}): readonly Diagnostic[] {
  return lost.map((helper) => diagnose(machineErrors['helper-lost'], { name, ...helper }));
}
