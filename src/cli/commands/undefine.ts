import { readDefinition, undefineMachine } from '../../machine/index.ts';
import { parseXml } from '../../xml/index.ts';
import type { CommandModule } from '../command.ts';
import { machineArgument, machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const machines = machinesOf(cx);
  const name = machineArgument(machines, args);
  const store = variableStore(readDefinition(machines, name).domainXml);
  const nvram = options.nvram === true ? store : undefined;
  await undefineMachine(machines, name, {
    keepTpm: options.keepTpm === true,
    ...(nvram !== undefined && { nvram }),
  });
  const isKept = nvram === undefined && store !== undefined && machines.host.status(store) !== undefined;
  if (isKept && options.keepNvram !== true) cx.note(`Its UEFI variables stay in '${store}'`);
  cx.answer({ name }, () => `Domain '${name}' undefined`);
  return undefined;
};

/** The file of the UEFI variables that a normalized definition names; undefined where it has none, or is damaged. */
function variableStore(domainXml: string): string | undefined {
  try {
    const nvram = parseXml(domainXml).child('os')?.child('nvram');
    return nvram?.child('source')?.attributes.file ?? (nvram?.text.trim() || undefined);
  } catch {
    return undefined;
  }
}
