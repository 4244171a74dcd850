import { defineErrors, didYouMean } from '../errors/index.ts';

/** What else in libvirt's format is a document of its own here, and who reads it. */
const OTHER_DOCUMENTS: Readonly<Record<string, string>> = {
  network: 'a virtual network is for qdom net-define',
  secret: 'a secret is for qdom secret-define',
};

/** Rules that belong to no single element. */
export const compileErrors = defineErrors('domain', () => ({
  'not-a-domain': {
    class: 'syntax',
    message: (p: { name: string }) => `the root element is '${p.name}', not 'domain'`,
    hint: ({ name }) => OTHER_DOCUMENTS[name] ?? didYouMean(name, ['domain']),
  },
  'attribute-of-second-section': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { attribute: string; name: string }) =>
      `attribute '${p.attribute}' is ignored: <${p.name}> has those of the first one that there is`,
  },
  'repeated-element': {
    class: 'invalid',
    message: (p: { name: string; parent: string }) => `there can be only one '${p.name}' in <${p.parent}>`,
  },
  inconsistent: {
    class: 'internal',
    message: (p: { what: string }) => `${p.what}: this is a bug in qdom`,
  },
}));
