import { compile } from '../../compile/index.ts';
import { readDefinition } from '../../machine/index.ts';
import type { CommandModule } from '../command.ts';
import { withDomainText } from '../compile-input.ts';
import { attach } from '../console.ts';
import { machineArgument, machinesOf, startFrom, startOptions } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const machines = machinesOf(cx);
  const { name, domainXml } = readDefinition(machines, machineArgument(machines, args));
  const input = { text: domainXml, file: `${name}.xml` };
  const plan = await withDomainText(cx, input, {}, compile);
  const started = await startFrom(input, machines, plan, {
    paused: options.paused === true,
    ...startOptions(cx, options),
  });
  cx.answer(started, () => `Domain '${name}' started`);
  if (options.console === true) await attach(cx, machines, name);
  return undefined;
};
