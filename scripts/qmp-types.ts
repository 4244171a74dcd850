import type { QemuCaps, SchemaEntity } from '../src/plan/caps.ts';
import { nameTypes } from './qmp-type-names.ts';

const BUILTINS: Readonly<Record<string, string>> = {
  string: 'string',
  int: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
  value: 'unknown',
  object: 'Readonly<Record<string, unknown>>',
  array: 'readonly unknown[]',
};

/** They take a device's own properties too, which introspection does not tell (qapi/qdev.json). */
const WITH_MORE_ARGUMENTS: readonly string[] = ['device_add'];

type ObjectEntity = Extract<SchemaEntity, { 'meta-type': 'object' }>;

/** The text of `types.generated.ts` for this QEMU. */
export function printQmpTypes(caps: QemuCaps): string {
  const print = printer(caps.schema);
  const { major, minor } = caps.version;
  return [
    `// Made by scripts/generate-qmp-types.ts from the schema of QEMU ${major}.${minor}: do not edit.`,
    '// Integers are numbers: one beyond 2^53 is rounded, as JSON.parse does.',
    '',
    print.commands(),
    print.events(),
    ...print.types(),
  ].join('\n');
}

function printer(schema: QemuCaps['schema']) {
  const names = nameTypes(schema);
  const entities = Object.values(schema).sort((a, b) => (a.name < b.name ? -1 : 1));

  const reference = (type: string): string => {
    const entity = schema[type];
    const name = names.get(type);
    if (name !== undefined) return name;
    if (entity?.['meta-type'] === 'array') return `readonly ${elementType(entity['element-type'])}[]`;
    if (entity?.['meta-type'] === 'builtin') return BUILTINS[entity['json-type']] ?? 'unknown';
    return 'Empty';
  };
  const elementType = (type: string): string => {
    const text = reference(type);
    return text.includes(' ') ? `(${text})` : text;
  };

  const argumentsOf = (command: string, type: string): string =>
    WITH_MORE_ARGUMENTS.includes(command)
      ? `${reference(type)} & Readonly<Record<string, unknown>>`
      : reference(type);

  const members = (entity: ObjectEntity, without?: string): readonly string[] =>
    entity.members
      .filter((member) => member.name !== without)
      .map((member) => {
        const mark = Object.hasOwn(member, 'default') ? '?' : '';
        return `readonly ${key(member.name)}${mark}: ${reference(member.type)};`;
      });

  const union = (entity: ObjectEntity): string => {
    const base = members(entity, entity.tag);
    const cases = casesByType(entity).map(([type, tags]) => {
      const tag = `{ readonly ${key(entity.tag ?? '')}: ${tags.map(quote).join(' | ')} }`;
      return reference(type) === 'Empty' ? tag : `(${tag} & ${reference(type)})`;
    });
    const variants = `(\n  | ${cases.join('\n  | ')}\n)`;
    return base.length === 0 ? variants : `{ ${base.join(' ')} } & ${variants}`;
  };

  const declaration = (type: string, name: string): string => {
    const entity = schema[type];
    switch (entity?.['meta-type']) {
      case 'enum':
        return `export type ${name} = ${entity.values.map(quote).join(' | ') || 'never'};`;
      case 'alternate':
        return `export type ${name} = ${entity.members.map((member) => reference(member.type)).join(' | ')};`;
      case 'object':
        if (entity.variants !== undefined) return `export type ${name} = ${union(entity)};`;
        return `export interface ${name} {\n${members(entity)
          .map((line) => `  ${line}\n`)
          .join('')}}`;
      default:
        return '';
    }
  };

  return {
    commands: () =>
      `/** QEMU's commands: what each takes and gives. */\nexport interface QmpCommands {\n${entities
        .map((entity) =>
          entity['meta-type'] === 'command'
            ? `  readonly ${key(entity.name)}: { readonly arguments: ${argumentsOf(entity.name, entity['arg-type'])}; readonly returns: ${reference(entity['ret-type'])} };\n`
            : '',
        )
        .join('')}}\n`,
    events: () =>
      `/** QEMU's events and their data. */\nexport interface QmpEvents {\n${entities
        .map((entity) =>
          entity['meta-type'] === 'event'
            ? `  readonly ${key(entity.name)}: ${reference(entity['arg-type'])};\n`
            : '',
        )
        .join('')}}\n\n/** No members. */\nexport type Empty = Readonly<Record<never, never>>;\n`,
    types: () =>
      [...names]
        .sort(([, a], [, b]) => (a < b ? -1 : 1))
        .map(([type, name]) => `${declaration(type, name)}\n`),
  };
}

/** A union's tags grouped by what they bring; a tag value without a variant brings nothing. */
function casesByType(entity: ObjectEntity): readonly (readonly [string, readonly string[]])[] {
  const groups = new Map<string, string[]>();
  for (const variant of entity.variants ?? []) {
    const tags = groups.get(variant.type) ?? [];
    groups.set(variant.type, [...tags, variant.case]);
  }
  return [...groups];
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quote(name);
}

function quote(text: string): string {
  return `'${text}'`;
}
