import { dumpXml } from '../../machine/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { machinesOf } from '../machines.ts';
import { withoutSecrets } from '../without-secrets.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const name = argument(args, 0);
  const whole = dumpXml(machinesOf(cx), name, { inactive: options.inactive === true });
  const xml = options.securityInfo === true ? whole : withoutSecrets(whole);
  cx.answer({ name, xml }, () => xml);
  return undefined;
};
