import { readDefinition } from '../../machine/index.ts';
import type { CommandModule } from '../command.ts';
import { attach } from '../console.ts';
import { machineArgument, machinesOf, startOptions } from '../machines.ts';
import { startDomain } from '../start-domain.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const machines = machinesOf(cx);
  const { name, domainXml } = readDefinition(machines, machineArgument(machines, args));
  const input = { text: domainXml, file: `${name}.xml` };
  const { started } = await startDomain(cx, input, machines, {
    paused: options.paused === true,
    ...startOptions(cx, options),
  });
  cx.answer(started, () => `Domain '${name}' started`);
  if (options.console === true) await attach(cx, machines, name);
  return undefined;
};
