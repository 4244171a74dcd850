import type { SchemaEntity, SchemaMember } from '../../plan/caps.ts';
import { answerReader, type JsonObject } from './read.ts';

const read = answerReader('query-qmp-schema');

/** The introspection schema by entity name. A meta-type that we do not know is skipped: nothing can refer to its inside. */
export function buildSchema(value: unknown): Readonly<Record<string, SchemaEntity>> {
  return Object.fromEntries(
    read
      .objects(value)
      .map(readEntity)
      .filter((entity) => entity !== undefined)
      .map((entity) => [entity.name, entity]),
  );
}

function readEntity(raw: JsonObject): SchemaEntity | undefined {
  const name = read.string(raw.name);
  switch (raw['meta-type']) {
    case 'builtin':
      return { 'meta-type': 'builtin', name, 'json-type': read.string(raw['json-type']) };
    case 'enum':
      return { 'meta-type': 'enum', name, values: enumValues(raw) };
    case 'array':
      return { 'meta-type': 'array', name, 'element-type': read.string(raw['element-type']) };
    case 'object':
      return {
        'meta-type': 'object',
        name,
        members: read.objects(raw.members).map(readMember),
        ...(raw.tag === undefined ? {} : { tag: read.string(raw.tag) }),
        ...(raw.variants === undefined ? {} : { variants: read.objects(raw.variants).map(readVariant) }),
        ...features(raw),
      };
    case 'alternate':
      return {
        'meta-type': 'alternate',
        name,
        members: read.objects(raw.members).map((member) => ({ type: read.string(member.type) })),
      };
    case 'command':
      return {
        'meta-type': 'command',
        name,
        'arg-type': read.string(raw['arg-type']),
        'ret-type': read.string(raw['ret-type']),
        ...(raw['allow-oob'] === true ? { 'allow-oob': true } : {}),
        ...features(raw),
      };
    case 'event':
      return { 'meta-type': 'event', name, 'arg-type': read.string(raw['arg-type']) };
    default:
      return undefined;
  }
}

/** `values` is deprecated since QEMU 6.2 in favour of `members`; either is enough. */
function enumValues(raw: JsonObject): readonly string[] {
  if (raw.members === undefined) return read.strings(raw.values);
  return read.objects(raw.members).map((member) => read.string(member.name));
}

function readMember(raw: JsonObject): SchemaMember {
  return {
    name: read.string(raw.name),
    type: read.string(raw.type),
    ...(Object.hasOwn(raw, 'default') ? { default: raw.default } : {}),
    ...features(raw),
  };
}

function readVariant(raw: JsonObject): { readonly case: string; readonly type: string } {
  return { case: read.string(raw.case), type: read.string(raw.type) };
}

function features(raw: JsonObject): { readonly features?: readonly string[] } {
  return raw.features === undefined ? {} : { features: read.strings(raw.features) };
}
