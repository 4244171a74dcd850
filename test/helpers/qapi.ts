import type { Props, PropValue, QemuCaps, QemuOption, SchemaEntity } from '../../src/plan/index.ts';
import { isFdList, isFdRef } from '../../src/plan/index.ts';

/** What is wrong with the JSON options by what QEMU itself says that it takes; empty if all fits. */
export function schemaProblems(options: readonly QemuOption[], caps: QemuCaps): string[] {
  return options.flatMap((option) => {
    if (option.value?.form !== 'json') return [];
    return problemsOf(option.option, option.value.props, caps).map(
      (problem) => `${option.option} ${problem}`,
    );
  });
}

function problemsOf(option: string, props: Props, caps: QemuCaps): string[] {
  switch (option) {
    case '-blockdev':
      return againstCommand('blockdev-add', props, caps);
    case '-netdev':
      return againstCommand('netdev_add', props, caps);
    case '-object':
      return againstCommand('object-add', props, caps);
    case '-audiodev':
      return againstReturn('query-audiodevs', props, caps);
    case '-device':
      return againstProperties(props, caps);
    default:
      return [];
  }
}

function againstCommand(command: string, props: Props, caps: QemuCaps): string[] {
  const entity = caps.schema[command];
  if (entity?.['meta-type'] !== 'command') return [`: QEMU has no ${command}`];
  return problems(props, entity['arg-type'], caps, '');
}

function againstReturn(command: string, props: Props, caps: QemuCaps): string[] {
  const entity = caps.schema[command];
  const list = entity?.['meta-type'] === 'command' ? caps.schema[entity['ret-type']] : undefined;
  // Only a QEMU that can list its audio back ends describes them, and only those that it was built with.
  if (list?.['meta-type'] !== 'array') return [];
  return isBuiltIn(props, list['element-type'], caps) ? problems(props, list['element-type'], caps, '') : [];
}

function isBuiltIn(props: Props, type: string, caps: QemuCaps): boolean {
  const entity = caps.schema[type];
  return entity?.['meta-type'] === 'object' && (entity.variants ?? []).some((v) => v.case === props.driver);
}

/** Names that `-device` takes and the list of types does not have (QEMU, system/qdev-monitor: aliases). */
const ALIASES: Readonly<Record<string, string>> = {
  ahci: 'ich9-ahci',
  lsi: 'lsi53c895a',
  'virtio-iommu': 'virtio-iommu-pci',
};

/** A type whose properties were not asked for says nothing. */
function againstProperties(props: Props, caps: QemuCaps): string[] {
  const { driver, id: _id, bus: _bus, ...rest } = props;
  if (typeof driver !== 'string') return [': no driver'];
  if (!Object.hasOwn(caps.types, ALIASES[driver] ?? driver)) return [`: QEMU has no device ${driver}`];
  const known = caps.properties[driver];
  if (known === undefined) return [];
  return Object.keys(rest)
    .filter((name) => rest[name] !== undefined && !Object.hasOwn(known, name))
    .map((name) => `${driver}: has no property ${name}`);
}

function problems(value: PropValue, type: string, caps: QemuCaps, at: string): string[] {
  const entity = caps.schema[type];
  if (entity === undefined) return [`${at}: unknown type ${type}`];
  switch (entity['meta-type']) {
    case 'builtin':
      return fitsBuiltin(value, entity['json-type'])
        ? []
        : [`${at}: ${shown(value)} is no ${entity['json-type']}`];
    case 'enum':
      return typeof value === 'string' && entity.values.includes(value)
        ? []
        : [`${at}: ${shown(value)} is none of ${entity.values.join(', ')}`];
    case 'array':
      if (!Array.isArray(value)) return [`${at}: ${shown(value)} is no list`];
      return value.flatMap((item: PropValue, i) =>
        problems(item, entity['element-type'], caps, `${at}[${i}]`),
      );
    case 'alternate': {
      const attempts = entity.members.map((m) => problems(value, m.type, caps, at));
      return attempts.some((a) => a.length === 0) ? [] : (attempts[0] ?? []);
    }
    case 'object':
      return objectProblems(value, entity, caps, at);
    default:
      return [`${at}: ${type} is no type of a value`];
  }
}

type ObjectEntity = Extract<SchemaEntity, { 'meta-type': 'object' }>;

function objectProblems(value: PropValue, entity: ObjectEntity, caps: QemuCaps, at: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isFdRef(value))
    return [`${at}: ${shown(value)} is no object`];
  const given = Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, PropValue] => entry[1] !== undefined),
  );
  const members = membersOf(given, entity, caps);
  const unknown = Object.keys(given).filter((name) => !members.has(name));
  const missing = [...members]
    .filter(([name, m]) => !m.optional && !Object.hasOwn(given, name))
    .map(([name]) => name);
  return [
    ...unknown.map((name) => `${at}: has no member ${name}`),
    ...missing.map((name) => `${at}: member ${name} is missing`),
    ...Object.entries(given).flatMap(([name, member]) => {
      const type = members.get(name)?.type;
      return type === undefined ? [] : problems(member, type, caps, `${at}.${name}`);
    }),
  ];
}

interface Member {
  readonly type: string;
  readonly optional: boolean;
}

/** The members of the base and of the variant that the tag chooses. */
function membersOf(value: Props, entity: ObjectEntity, caps: QemuCaps): Map<string, Member> {
  const members = new Map(entity.members.map((m) => [m.name, { type: m.type, optional: 'default' in m }]));
  const tag = entity.tag === undefined ? undefined : value[entity.tag];
  const variant = entity.variants?.find((v) => v.case === tag);
  const more = variant === undefined ? undefined : caps.schema[variant.type];
  if (more?.['meta-type'] === 'object')
    for (const [name, member] of membersOf(value, more, caps)) members.set(name, member);
  return members;
}

function fitsBuiltin(value: PropValue, jsonType: string): boolean {
  switch (jsonType) {
    case 'int':
      return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'string':
      return typeof value === 'string' || isFdRef(value) || isFdList(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    default:
      return true;
  }
}

function shown(value: PropValue): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
