import type { KeyValue, Props, QemuOption } from '../../../src/plan/index.ts';

/** The members of an option's value by name, however it is written; a positional value is `''`, plain text too. */
export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf({ value }: QemuOption): Fields {
  switch (value?.form) {
    case undefined:
      return {};
    case 'plain':
      return { '': value.text };
    case 'json':
      return value.props;
    case 'keys':
      return Object.fromEntries(value.keys.map(([key, v]) => [key ?? '', v]));
  }
}

/** The option with other values for members that it has. */
export function withFields(option: QemuOption, changes: Props): QemuOption {
  const { value } = option;
  switch (value?.form) {
    case undefined:
      return option;
    case 'plain':
      return { ...option, value: { form: 'plain', text: String(changes[''] ?? value.text) } };
    case 'json':
      return {
        ...option,
        value: { form: 'json', props: { ...value.props, ...present(value.props, changes) } },
      };
    case 'keys':
      return {
        ...option,
        value: {
          form: 'keys',
          keys: value.keys.map(([key, v]): KeyValue => [key, (changes[key ?? ''] ?? v) as KeyValue[1]]),
        },
      };
  }
}

function present(props: Props, changes: Props): Props {
  return Object.fromEntries(Object.entries(changes).filter(([key]) => props[key] !== undefined));
}

export function isProps(value: unknown): value is Props {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
