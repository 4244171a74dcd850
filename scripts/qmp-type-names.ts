import type { QemuCaps, SchemaEntity } from '../src/plan/caps.ts';

type Schema = QemuCaps['schema'];

/** `query-block` and `BLOCK_JOB_READY` become `QueryBlock` and `BlockJobReady`. */
export function pascalCase(name: string): string {
  const words = name === name.toUpperCase() ? name.toLowerCase() : name;
  return words
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}

/**
 * A name for each object, enum and alternate that a command or event reaches. Introspection masks QEMU's own names with
 * numbers, so each is named after the first way that leads to it, shortest first: `QueryBlockResultInserted`.
 */
export function nameTypes(schema: Schema): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  let reached = roots(schema);
  while (reached.length > 0) {
    const next: [string, string][] = [];
    for (const [type, wanted] of reached) {
      const entity = schema[type];
      if (entity?.['meta-type'] === 'array') next.push([entity['element-type'], wanted]);
      if (entity === undefined || names.has(type) || !isNamed(entity)) continue;
      const name = unused(wanted, taken);
      names.set(type, name);
      taken.add(name);
      next.push(...below(entity, name));
    }
    reached = next;
  }
  return names;
}

/** Objects without members and builtins need no name. */
function isNamed(entity: SchemaEntity): boolean {
  const kind = entity['meta-type'];
  if (kind === 'object') return entity.members.length > 0 || entity.variants !== undefined;
  return kind === 'enum' || kind === 'alternate';
}

function roots(schema: Schema): [string, string][] {
  return Object.values(schema)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entity): [string, string][] => {
      const name = pascalCase(entity.name);
      if (entity['meta-type'] === 'event') return [[entity['arg-type'], `${name}Event`]];
      if (entity['meta-type'] !== 'command') return [];
      return [
        [entity['arg-type'], `${name}Arguments`],
        [entity['ret-type'], `${name}Result`],
      ];
    });
}

function below(entity: SchemaEntity, name: string): [string, string][] {
  if (entity['meta-type'] === 'object')
    return [
      ...entity.members.map((member): [string, string] => [member.type, name + pascalCase(member.name)]),
      ...(entity.variants ?? []).map((variant): [string, string] => [
        variant.type,
        name + pascalCase(variant.case),
      ]),
    ];
  if (entity['meta-type'] === 'alternate')
    return entity.members.map((member): [string, string] => [member.type, `${name}Value`]);
  return [];
}

function unused(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted}${number}`)) number++;
  return `${wanted}${number}`;
}
