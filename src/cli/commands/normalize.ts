import { normalize } from '../../compile/index.ts';
import { argument, type CommandModule } from '../command.ts';
import { withDomain } from '../compile-input.ts';

export const run: CommandModule['run'] = async (cx, args, options) => {
  const { xml } = await withDomain(cx, argument(args, 0), { ...options, images: false }, normalize);
  cx.answer({ xml }, () => xml);
  return undefined;
};
