import { defineErrors } from '../../errors/index.ts';
import type { Field } from '../../xml/schema/index.ts';

export const withoutMeaningErrors = defineErrors('domain', () => ({
  'without-meaning': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { what: string; parent: string }) =>
      `${p.what} of <${p.parent}> is ignored: it says nothing there`,
  },
}));

/** An attribute that the format has at this place for its neighbours' sake only: told, and dropped. */
export function attributeWithoutMeaning(): Field<undefined> {
  return {
    read: (element, key, reader) => {
      if (element.attributes[key] !== undefined)
        reader.report(
          withoutMeaningErrors['without-meaning'],
          { what: `attribute '${key}'`, parent: element.name },
          element.where(key),
        );
      return undefined;
    },
    write: () => {},
    claims: (key) => ({ attributes: [key] }),
    nature: { kind: 'raw' },
  };
}
