import { defineErrors } from '../errors/index.ts';

/** What can be wrong with what a domain is to be compiled for. */
export const environmentErrors = defineErrors('environment', () => ({
  'bad-config': {
    class: 'invalid',
    message: (p: { file: string; problem: string }) =>
      `the configuration file '${p.file}' cannot be used: ${p.problem}`,
    hint: () => 'docs/configuration.md lists its members',
  },
  'no-config': {
    class: 'not-found',
    message: (p: { file: string }) => `there is no configuration file '${p.file}'`,
  },
  'relative-emulator': {
    class: 'invalid',
    message: (p: { emulator: string }) => `the path '${p.emulator}' of <emulator> does not begin with '/'`,
    hint: () => 'what it is relative to is another directory at each start',
  },
}));
