import type { MachineContext } from './context.ts';
import { readDefinition } from './definitions.ts';
import { machineFiles } from './files.ts';
import { checkName } from './names.ts';
import { observe } from './state.ts';

/**
 * The normalized domain XML: of the running machine, or of the definition if it does not run or `inactive` is asked for.
 * @throws QdomError `machine/not-found`.
 */
export function dumpXml(cx: MachineContext, name: string, { inactive = false } = {}): string {
  checkName(name);
  const files = machineFiles(cx.directories, name);
  const live =
    !inactive && observe(cx.host, files).kind === 'alive' ? cx.host.readText(files.liveXml) : undefined;
  return live ?? readDefinition(cx, name).domainXml;
}
