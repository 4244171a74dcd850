import { childAttribute, type Field, string } from '../../xml/schema/index.ts';
import { outputOnlyErrors } from './output-only.ts';

/** The names that a user can give (format: "Device Addresses", alias): the others are a running domain's own. */
const OF_A_USER = /^ua-[A-Za-z0-9_-]*$/;

/** `<alias name='ua-…'/>`. Another name only describes a running domain: it is dropped with a warning. */
export function userAlias(): Field<string | undefined> {
  const field = childAttribute('name', string({ nonEmpty: true, samples: ['ua-device'] }));
  return {
    ...field,
    read: (element, key, reader) => {
      const name = field.read(element, key, reader);
      if (name === undefined || OF_A_USER.test(name)) return name;
      const where = element.child(key)?.where('name') ?? element.where();
      const hint = `an alias of your own is 'ua-' with letters, digits, '_' and '-', such as 'ua-${name.replace(/[^\w-]/g, '-')}'`;
      reader.report(outputOnlyErrors['output-only'], { what: `alias '${name}'`, hint }, where);
      return undefined;
    },
  };
}
