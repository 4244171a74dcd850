import { defineErrors } from '../../errors/index.ts';
import type { Field } from '../../xml/schema/index.ts';

export const outputOnlyErrors = defineErrors('domain', () => ({
  'output-only': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { what: string; hint?: string }) =>
      `${p.what} only describes a running domain and is ignored`,
    hint: ({ hint }) => hint,
  },
}));

/** An attribute that only stands in the XML of a running domain: accepted with a warning, and dropped. */
export function outputOnlyAttribute(): Field<undefined> {
  return {
    read: (element, key, reader) => {
      if (element.attributes[key] !== undefined)
        reader.report(
          outputOnlyErrors['output-only'],
          { what: `attribute '${key}' of <${element.name}>` },
          element.where(key),
        );
      return undefined;
    },
    // What describes a running domain is set by us alone.
    write: (value: unknown, key, into) => {
      if (value !== undefined) into.attributes.push([key, String(value)]);
    },
    claims: (key) => ({ attributes: [key] }),
    nature: { kind: 'raw' },
  };
}

/** The same for a child element. */
export function outputOnlyChild(): Field<undefined> {
  return {
    read: (element, key, reader) => {
      const found = element.child(key);
      if (found !== undefined)
        reader.report(outputOnlyErrors['output-only'], { what: `<${key}>` }, found.where());
      return undefined;
    },
    write: () => {},
    claims: (key) => ({ children: [key] }),
    nature: { kind: 'raw', ignored: true },
  };
}
