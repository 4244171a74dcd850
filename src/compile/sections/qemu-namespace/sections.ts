import { defineErrors } from '../../../errors/index.ts';
import { QEMU_NAMESPACE, SOURCE, whereIs } from '../../../xml/index.ts';
import {
  attribute,
  child,
  childAttribute,
  children,
  element,
  oneOf,
  type Read,
  required,
  string,
} from '../../../xml/schema/index.ts';
import type { ValidateContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';

/** drvqemu: "Pass-through of arbitrary qemu commands" and what follows it. */

export const qemuErrors = defineErrors('qemu', () => ({
  'undeclared-namespace': {
    class: 'invalid',
    message: (p: { name: string }) => `the prefix of '${p.name}' is not declared`,
    hint: () => `write <domain xmlns:qemu='${QEMU_NAMESPACE}'>`,
  },
  'capability-ignored': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { capability: string }) =>
      `the capability '${p.capability}' is ignored: what QEMU can do is asked of QEMU itself`,
  },
  'bad-variable': {
    class: 'invalid',
    message: (p: { name: string }) => `'${p.name}' is no name of an environment variable`,
  },
  'unknown-device': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { alias: string }) =>
      `no device has the alias '${p.alias}' that <qemu:override> names: it has no effect`,
  },
  'missing-value': {
    class: 'invalid',
    message: (p: { name: string }) => `the property '${p.name}' of <qemu:override> has no value`,
  },
  'id-overridden': {
    class: 'invalid',
    message: () => "the property 'id' of a device cannot be overridden: other options name the device by it",
  },
  'value-of-removed': {
    class: 'invalid',
    message: (p: { name: string; value: string }) =>
      `the property '${p.name}' is removed: its 'value' '${p.value}' makes no sense`,
  },
  'bad-value': {
    class: 'invalid',
    message: (p: { value: string; type: string }) => `'${p.value}' is no value of type '${p.type}'`,
  },
}));

const commandlineSchema = element(() => ({
  'qemu:arg': children(element(() => ({ value: required(attribute(string())) }))),
  'qemu:env': children(element(() => ({ name: required(attribute(string())), value: attribute(string()) }))),
}));

/** An environment variable: a letter or underscore, then letters, digits and underscores. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const qemuCommandline: SectionModule<Read<typeof commandlineSchema> | undefined> = {
  field: child(commandlineSchema),
  validate: (value, cx) => {
    checkNamespaces(cx);
    for (const variable of value?.['qemu:env'] ?? [])
      if (!VARIABLE.test(variable.name))
        cx.report.add(qemuErrors['bad-variable'], { name: variable.name }, whereIs(variable, '@name'));
  },
};

/** Elements that only look as if they were of the namespace are nothing to libvirt. */
function checkNamespaces(cx: ValidateContext): void {
  for (const child of cx.domain[SOURCE]?.children ?? [])
    if (child.name.startsWith('qemu:') && child.namespace !== QEMU_NAMESPACE)
      cx.report.add(qemuErrors['undeclared-namespace'], { name: child.name }, child.where());
}

const capabilitySchema = element(() => ({ capability: required(attribute(string())) }));
const capabilitiesSchema = element(() => ({
  'qemu:add': children(capabilitySchema),
  'qemu:del': children(capabilitySchema),
}));

export const qemuCapabilities: SectionModule<Read<typeof capabilitiesSchema> | undefined> = {
  field: child(capabilitiesSchema),
  validate: (value, cx) => {
    for (const each of [...(value?.['qemu:add'] ?? []), ...(value?.['qemu:del'] ?? [])])
      cx.report.add(
        qemuErrors['capability-ignored'],
        { capability: each.capability },
        whereIs(each, '@capability'),
      );
  },
};

const propertySchema = element(() => ({
  name: required(attribute(string({ nonEmpty: true }))),
  type: required(attribute(oneOf('string', 'signed', 'unsigned', 'bool', 'remove'))),
  value: attribute(string()),
}));
export type OverrideProperty = Read<typeof propertySchema>;

const overrideSchema = element(() => ({
  'qemu:device': children(
    element(() => ({
      alias: required(attribute(string({ nonEmpty: true }))),
      'qemu:frontend': child(element(() => ({ 'qemu:property': children(propertySchema) }))),
    })),
  ),
}));

export const qemuOverride: SectionModule<Read<typeof overrideSchema> | undefined> = {
  field: child(overrideSchema),
  validate: (value, cx) => {
    for (const device of value?.['qemu:device'] ?? [])
      for (const property of device['qemu:frontend']?.['qemu:property'] ?? []) checkProperty(property, cx);
  },
};

function checkProperty(property: OverrideProperty, cx: ValidateContext): void {
  const { name, type, value } = property;
  if (name === 'id') cx.report.add(qemuErrors['id-overridden'], undefined, whereIs(property, '@name'));
  if (type === 'remove') {
    if (value !== undefined)
      cx.report.add(qemuErrors['value-of-removed'], { name, value }, whereIs(property, '@value'));
    return;
  }
  if (value === undefined) cx.report.add(qemuErrors['missing-value'], { name }, whereIs(property));
  else if (overrideValue(property) === undefined)
    cx.report.add(qemuErrors['bad-value'], { value, type }, whereIs(property, '@value'));
}

/** The property's value as QEMU takes it; undefined if the text is none of the type. */
export function overrideValue({ type, value }: OverrideProperty): string | bigint | boolean | undefined {
  if (value === undefined) return undefined;
  switch (type) {
    case 'string':
      return value;
    case 'signed':
      return /^-?\d+$/.test(value) ? BigInt(value) : undefined;
    case 'unsigned':
      return /^\d+$/.test(value) ? BigInt(value) : undefined;
    case 'bool':
      return value === 'true' ? true : value === 'false' ? false : undefined;
    default:
      return undefined;
  }
}

export const qemuDeprecation: SectionModule<'none' | 'omit' | 'reject' | 'crash' | undefined> = {
  field: childAttribute('behavior', oneOf('none', 'omit', 'reject', 'crash')),
};
