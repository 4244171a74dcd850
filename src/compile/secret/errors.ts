import { defineErrors } from '../../errors/index.ts';

/** Rules of a `<secret>`. */
export const secretXmlErrors = defineErrors('secret-xml', () => ({
  'not-a-secret': {
    class: 'syntax',
    message: (p: { name: string }) => `the root element is <${p.name}>, not <secret>`,
  },
  'usage-name': {
    class: 'invalid',
    message: (p: { type: string; element: string }) =>
      `<usage type='${p.type}'> needs the element <${p.element}>, and no other`,
  },
}));
