import { compile } from '../../compile/index.ts';
import { defineMachine } from '../../machine/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { withDomain } from '../compile-input.ts';
import { machinesOf } from '../machines.ts';

export const run: CommandModule['run'] = async (cx, args) => {
  const { name, uuid, domainXml } = await withDomain(
    cx,
    argument(args, 0),
    { abiUpdate: true, images: false },
    compile,
  );
  await defineMachine(machinesOf(cx), { name, uuid, domainXml });
  cx.answer({ name, uuid }, () => `Domain '${name}' defined`);
  return undefined;
};
