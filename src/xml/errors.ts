import { defineErrors } from '../errors/index.ts';

/** What may have been meant, where that can be guessed. */
interface Hinted {
  readonly hint?: string | undefined;
}

export const xmlErrors = defineErrors('xml', () => ({
  malformed: {
    class: 'syntax',
    message: (p: { problem: string }) => `not well-formed XML: ${p.problem}`,
    hint: ({ problem }) =>
      problem.includes('without value')
        ? "the value of an attribute stands in quotes: name='value'"
        : undefined,
  },
  empty: { class: 'syntax', message: () => 'there is no XML element in the input' },
  'too-large': {
    class: 'syntax',
    message: (p: { limitMiB: number }) => `the document is larger than ${p.limitMiB} MiB`,
  },
  'too-deep': {
    class: 'syntax',
    message: (p: { limit: number }) => `elements are nested more than ${p.limit} deep`,
  },
  'several-roots': {
    class: 'syntax',
    message: (p: { name: string }) => `a second root element '${p.name}' follows the first`,
    hint: () => 'one file holds one domain',
  },
  doctype: {
    class: 'syntax',
    message: () => 'a DOCTYPE is not accepted',
    hint: () => 'domain XML needs no document type; entities of your own are never expanded',
  },
  'unknown-entity': {
    class: 'syntax',
    message: (p: { entity: string }) => `unknown entity '${p.entity}'`,
    hint: ({ entity }) =>
      entity.endsWith(';')
        ? 'only lt, gt, amp, quot, apos and character references are known'
        : "the character '&' itself is written '&amp;'",
  },
  'no-character': {
    class: 'syntax',
    message: (p: { entity: string }) => `'${p.entity}' is no character that XML allows`,
  },
  'unknown-element': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { name: string; parent: string } & Hinted) =>
      `unknown element '${p.name}' in <${p.parent}> is ignored`,
    hint: ({ hint }) => hint,
  },
  'unknown-attribute': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { name: string; element: string } & Hinted) =>
      `unknown attribute '${p.name}' of <${p.element}> is ignored`,
    hint: ({ hint }) => hint,
  },
  'repeated-element': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { name: string; parent: string }) =>
      `'${p.name}' stands more than once in <${p.parent}>: only the first counts`,
  },
  'unexpected-text': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { text: string; element: string }) => `text '${p.text}' in <${p.element}> is ignored`,
  },
  'missing-attribute': {
    class: 'invalid',
    message: (p: { name: string; element: string }) => `<${p.element}> needs the attribute '${p.name}'`,
  },
  'missing-element': {
    class: 'invalid',
    message: (p: { name: string; parent: string }) => `<${p.parent}> needs the element '${p.name}'`,
  },
  'invalid-value': {
    class: 'invalid',
    message: (p: { value: string; subject: string; expected: string } & Hinted) =>
      `invalid value '${p.value}' of ${p.subject}: expected ${p.expected}`,
    hint: ({ hint }) => hint,
  },
}));
