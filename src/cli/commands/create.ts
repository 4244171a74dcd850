import { argument, type CommandModule } from '../command.ts';
import { attach } from '../console.ts';
import { readInput } from '../input.ts';
import { machinesOf, startOptions } from '../machines.ts';
import { startDomain } from '../start-domain.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const file = argument(args, 0);
  const input = await readInput(cx, file);
  const machines = machinesOf(cx);
  const { plan, started } = await startDomain(cx, input, machines, {
    paused: options.paused === true,
    ...startOptions(cx, options),
  });
  cx.answer(started, () => `Domain '${plan.name}' created from ${file === '-' ? 'standard input' : file}`);
  if (options.console === true) await attach(cx, machines, plan.name);
  return undefined;
};
