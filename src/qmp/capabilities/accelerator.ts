import type { AccelCaps, CpuDefinition, CpuProps, MachineInfo } from '../../plan/caps.ts';
import type { ExchangeSession, Question } from './exchange.ts';
import { type AnswerReader, answered, answerReader, isObject, type JsonObject, required } from './read.ts';

/**
 * What one QEMU process says of its machines and CPU models. `hostModel` is the model that stands for the host:
 * `host` under KVM, `max` under TCG.
 */
export function buildAccelerator(session: ExchangeSession, hostModel: 'host' | 'max'): AccelCaps {
  const hostCpu = readHostCpu(session, hostModel);
  return {
    machines: readList(session, 'query-machines', readMachine),
    cpus: readList(session, 'query-cpu-definitions', readCpu),
    ...(hostCpu === undefined ? {} : { hostCpu }),
  };
}

function readList<T>(
  session: ExchangeSession,
  command: string,
  readOne: (read: AnswerReader, entry: JsonObject) => T,
): readonly T[] {
  const read = answerReader(command);
  return read.objects(required(session, command)).map((entry) => readOne(read, entry));
}

function readMachine(read: AnswerReader, entry: JsonObject): MachineInfo {
  return {
    name: read.string(entry.name),
    ...optional('alias', entry.alias, read.string),
    ...(entry['is-default'] === true ? { default: true } : {}),
    cpuMax: read.integer(entry['cpu-max']),
    hotpluggableCpus: entry['hotpluggable-cpus'] === true,
    numaMemSupported: entry['numa-mem-supported'] === true,
    deprecated: entry.deprecated === true,
    ...optional('defaultCpuType', entry['default-cpu-type'], read.string),
    ...optional('defaultRamId', entry['default-ram-id'], read.string),
    ...(typeof entry.acpi === 'boolean' ? { acpi: entry.acpi } : {}),
  };
}

function readCpu(read: AnswerReader, entry: JsonObject): CpuDefinition {
  return {
    name: read.string(entry.name),
    typename: read.string(entry.typename),
    unavailableFeatures: read.strings(entry['unavailable-features'] ?? []),
    deprecated: entry.deprecated === true,
    ...(typeof entry['migration-safe'] === 'boolean' ? { migrationSafe: entry['migration-safe'] } : {}),
    ...(typeof entry.static === 'boolean' ? { static: entry.static } : {}),
    ...optional('aliasOf', entry['alias-of'], read.string),
  };
}

/** Expansions in which nothing but `migratable` or `hv-passthrough` was set; each other one is somebody else's question. */
function readHostCpu(session: ExchangeSession, name: 'host' | 'max'): AccelCaps['hostCpu'] {
  const expansions = answered(session, 'query-cpu-model-expansion')
    .filter(({ question }) => modelOf(question)?.name === name)
    .map(({ question, value }) => ({ asked: modelOf(question)?.props ?? {}, props: expandedProps(value) }));
  const migratable = expansions.find(({ asked }) => Object.keys(asked).length === 0)?.props;
  const full = expansions.find(
    ({ asked }) => asked.migratable === false && Object.keys(asked).length === 1,
  )?.props;
  const hyperv = expansions.find(({ asked }) => asked['hv-passthrough'] === true)?.props;
  if (migratable === undefined || full === undefined) return undefined;
  return { name, migratable, full, ...(hyperv === undefined ? {} : { hyperv: onlyHyperv(hyperv) }) };
}

function modelOf(question: Question): { name: unknown; props: JsonObject } | undefined {
  const model = question.arguments?.model;
  if (!isObject(model)) return undefined;
  return { name: model.name, props: isObject(model.props) ? model.props : {} };
}

function expandedProps(value: unknown): CpuProps {
  const read = answerReader('query-cpu-model-expansion');
  const props = read.object(read.object(read.object(value).model).props);
  return Object.fromEntries(Object.entries(props).filter(isCpuProp));
}

function isCpuProp(entry: [string, unknown]): entry is [string, boolean | number | string] {
  return ['boolean', 'number', 'string'].includes(typeof entry[1]);
}

function onlyHyperv(props: CpuProps): CpuProps {
  return Object.fromEntries(Object.entries(props).filter(([name]) => name.startsWith('hv-')));
}

function optional<K extends string, T>(
  key: K,
  value: unknown,
  read: (value: unknown) => T,
): { readonly [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: read(value) } as { readonly [P in K]: T });
}
