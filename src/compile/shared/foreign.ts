import type { ErrorRule } from '../../errors/index.ts';
import type { Field } from '../../xml/schema/index.ts';

/** A child that only other hypervisors know: it is told of by the rule, and dropped. */
export function foreignChild(rule: ErrorRule<{ name: string }>): Field<undefined> {
  return {
    read: (element, key, reader) => {
      for (const child of element.children)
        if (child.name === key) reader.report(rule, { name: key }, child.where());
      return undefined;
    },
    write: () => {},
    claims: (key) => ({ children: [key] }),
    nature: { kind: 'raw' },
  };
}
