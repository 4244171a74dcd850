import type { Field } from './field.ts';

/**
 * A field in which one value says nothing: it reads as absent, and so does not print.
 * `unless(0, attribute(integer()))` takes `queues='0'` for no choice.
 */
export function unless<T>(nothing: T, field: Field<T | undefined>): Field<T | undefined> {
  return {
    ...field,
    read: (element, key, reader) => {
      const value = field.read(element, key, reader);
      return value === nothing ? undefined : value;
    },
  };
}
