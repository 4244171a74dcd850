import { defineErrors } from '../../errors/index.ts';
import { type Field, required } from '../../xml/schema/index.ts';

export const exactlyOneErrors = defineErrors('domain', () => ({
  'more-than-one': {
    class: 'invalid',
    message: (p: { name: string; parent: string }) => `<${p.parent}> has more than one '${p.name}'`,
  },
}));

/** A compulsory child that may not stand there twice, where nobody could say which of two counts. */
export function exactlyOne<T>(field: Field<T | undefined>): Field<T> {
  const one = required(field);
  return {
    ...one,
    read: (element, key, reader) => {
      const [name = key] = field.claims(key).children ?? [];
      const [, second] = element.children.filter((c) => c.name === name);
      if (second !== undefined)
        reader.report(exactlyOneErrors['more-than-one'], { name, parent: element.name }, second.where());
      return one.read(element, key, reader);
    },
  };
}
