import { fail } from '../errors/index.ts';
import type { FdGroups } from '../machine/index.ts';
import { type CommandOptions, repeatedOption } from './command.ts';
import { cliErrors } from './errors.ts';

const GROUP = /^([^=]+)=(\d+(?:,\d+)*)$/;
/** Standard input, output and error are not files of a machine. */
const FIRST_FD = 3;

/**
 * `--fd-group NAME=FD[,FD]`: descriptors that whoever called us has opened.
 * @throws QdomError `cli/fd-group`
 */
export function fdGroups(options: CommandOptions): { readonly fdGroups?: FdGroups } {
  const given = repeatedOption(options, 'fdGroup').map((text) => {
    const [, name = '', fds = ''] = GROUP.exec(text) ?? [];
    const numbers = fds.split(',').map(Number);
    if (name === '' || numbers.some((fd) => fd < FIRST_FD)) throw refused(text, 'it names none');
    return { text, name, numbers };
  });
  const used = new Set<string | number>();
  for (const { text, name, numbers } of given)
    for (const one of [name, ...numbers]) {
      if (used.has(one)) throw refused(text, `'${one}' is given twice`);
      used.add(one);
    }
  const groups = given.map(({ name, numbers }) => [name, numbers] as const);
  return groups.length === 0 ? {} : { fdGroups: Object.fromEntries(groups) };
}

function refused(text: string, reason: string) {
  return fail(cliErrors['fd-group'], { text, reason });
}
