import { defineErrors } from '../../../errors/index.ts';

export const generalErrors = defineErrors('general', () => ({
  'missing-name': { class: 'invalid', message: () => 'the domain has no <name>' },
  'name-with-slash': {
    class: 'invalid',
    message: (p: { name: string }) => `the domain's name '${p.name}' contains '/'`,
  },
  'name-with-newline': {
    class: 'invalid',
    message: (p: { name: string }) =>
      `the domain's name '${JSON.stringify(p.name).slice(1, -1)}' contains a line break`,
  },
  'metadata-without-namespace': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { name: string }) => `the metadata '${p.name}' has no namespace and is dropped`,
  },
  'repeated-metadata': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { name: string }) =>
      `the namespace of the metadata '${p.name}' is there already: it is dropped`,
  },
  'title-with-newline': { class: 'invalid', message: () => "the domain's title contains a line break" },
}));
