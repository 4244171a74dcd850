import { dumpXml } from '../../machine/index.ts';
import type { CommandModule } from '../command.ts';
import { machineArgument, machinesOf } from '../machines.ts';
import { withoutSecrets } from '../without-secrets.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const machines = machinesOf(cx);
  const name = machineArgument(machines, args);
  const whole = dumpXml(machines, name, { inactive: options.inactive === true });
  const xml = options.securityInfo === true ? whole : withoutSecrets(whole);
  cx.answer({ name, xml }, () => xml);
  return undefined;
};
