import { compile } from '../../compile/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { withDomainText } from '../compile-input.ts';
import { attach } from '../console.ts';
import { readInput } from '../input.ts';
import { machinesOf, startFrom, startOptions } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const file = argument(args, 0);
  const input = await readInput(cx, file);
  const plan = await withDomainText(cx, input, {}, compile);
  const machines = machinesOf(cx);
  const started = await startFrom(input, machines, plan, {
    paused: options.paused === true,
    ...startOptions(cx, options),
  });
  cx.answer(started, () => `Domain '${plan.name}' created from ${file === '-' ? 'standard input' : file}`);
  if (options.console === true) await attach(cx, machines, plan.name);
  return undefined;
};
