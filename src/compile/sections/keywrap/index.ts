import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  child,
  children,
  element,
  oneOf,
  onOff,
  type Read,
  required,
} from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';
import { machineOf } from '../../shared/machine.ts';

/** Format: "Key Wrap". It exists on S/390 alone. */

export const keywrapErrors = defineErrors('keywrap', () => ({
  'other-architecture': {
    class: 'unsupported',
    message: (p: { cipher: string; machine: string }) =>
      `'${p.cipher}-key-wrap' is for S/390 machines, not for '${p.machine}'`,
  },
}));

const keywrapSchema = element(() => ({
  cipher: children(
    element(() => ({ name: required(attribute(oneOf('aes', 'dea'))), state: required(attribute(onOff)) })),
  ),
}));

export const keywrap: SectionModule<Read<typeof keywrapSchema> | undefined> = {
  field: child(keywrapSchema),
  validate: (value, cx) => {
    for (const cipher of value?.cipher ?? [])
      cx.report.add(
        keywrapErrors['other-architecture'],
        { cipher: cipher.name, machine: machineOf(cx.domain) },
        whereIs(cipher, '@name'),
      );
  },
};
