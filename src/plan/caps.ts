/**
 * What one QEMU binary can do, as it says itself over QMP: plain data that can be cached and recorded.
 * Built by `src/qmp/capabilities` from a probe or from a recorded transcript.
 */
export interface QemuCaps {
  readonly version: { readonly major: number; readonly minor: number; readonly micro: number };
  readonly package: string;
  /** `query-target`: `x86_64`. */
  readonly arch: string;
  /** `query-kvm`: QEMU has KVM and this host let it be used when it was probed. */
  readonly kvm: boolean;
  /** `qom-list-types`: type name to parent. */
  readonly types: Readonly<Record<string, string>>;
  /** `device-list-properties` and `qom-list-properties` of the types that were asked about. */
  readonly properties: Readonly<Record<string, Readonly<Record<string, QomProperty>>>>;
  /** What differs by accelerator. `kvm` is absent where KVM was not there. */
  readonly accel: { readonly kvm?: AccelCaps; readonly tcg: AccelCaps };
  /** `query-command-line-options`: option (without dash) to its parameters and their types. */
  readonly options: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** `query-qmp-schema`, by entity name. */
  readonly schema: Readonly<Record<string, SchemaEntity>>;
  readonly tpm: { readonly models: readonly string[]; readonly types: readonly string[] };
  readonly migrationCapabilities: readonly string[];
  /** `query-sev-capabilities` where the host has SEV. */
  readonly sev?: Readonly<Record<string, unknown>>;
  /** `query-sgx-capabilities` where the host has SGX. */
  readonly sgx?: Readonly<Record<string, unknown>>;
}

export interface QomProperty {
  readonly type: string;
  readonly default?: unknown;
}

export interface AccelCaps {
  readonly machines: readonly MachineInfo[];
  readonly cpus: readonly CpuDefinition[];
  /** `query-cpu-model-expansion` of `host` (KVM) or `max` (TCG): the props of the migratable and of the full model. */
  readonly hostCpu?: {
    readonly name: string;
    readonly migratable: CpuProps;
    readonly full: CpuProps;
    /** The Hyper-V enlightenments (`hv-*`) that KVM offers here. */
    readonly hyperv?: CpuProps;
  };
}

export type CpuProps = Readonly<Record<string, boolean | number | string>>;

/** An entry of `query-machines`. */
export interface MachineInfo {
  readonly name: string;
  readonly alias?: string;
  readonly default?: boolean;
  readonly cpuMax: number;
  readonly hotpluggableCpus: boolean;
  readonly numaMemSupported: boolean;
  readonly deprecated: boolean;
  readonly defaultCpuType?: string;
  readonly defaultRamId?: string;
  readonly acpi?: boolean;
}

/** An entry of `query-cpu-definitions`. */
export interface CpuDefinition {
  readonly name: string;
  readonly typename: string;
  readonly unavailableFeatures: readonly string[];
  readonly deprecated: boolean;
  readonly migrationSafe?: boolean;
  readonly static?: boolean;
  readonly aliasOf?: string;
}

/** One entity of QEMU's introspection schema, as `query-qmp-schema` gives it. */
export type SchemaEntity =
  | { readonly 'meta-type': 'builtin'; readonly name: string; readonly 'json-type': string }
  | {
      readonly 'meta-type': 'enum';
      readonly name: string;
      readonly values: readonly string[];
    }
  | { readonly 'meta-type': 'array'; readonly name: string; readonly 'element-type': string }
  | {
      readonly 'meta-type': 'object';
      readonly name: string;
      readonly members: readonly SchemaMember[];
      readonly tag?: string;
      readonly variants?: readonly { readonly case: string; readonly type: string }[];
      readonly features?: readonly string[];
    }
  | {
      readonly 'meta-type': 'alternate';
      readonly name: string;
      readonly members: readonly { readonly type: string }[];
    }
  | {
      readonly 'meta-type': 'command';
      readonly name: string;
      readonly 'arg-type': string;
      readonly 'ret-type': string;
      readonly 'allow-oob'?: boolean;
      readonly features?: readonly string[];
    }
  | { readonly 'meta-type': 'event'; readonly name: string; readonly 'arg-type': string };

export interface SchemaMember {
  readonly name: string;
  readonly type: string;
  readonly default?: unknown;
  readonly features?: readonly string[];
}

/** Whether QEMU has the QOM type, device or object (`virtio-blk-pci`, `memory-backend-memfd`). */
export function hasType(caps: QemuCaps, type: string): boolean {
  return Object.hasOwn(caps.types, type);
}

/** Whether the type has the property; false for a type that was not asked about. */
export function hasProperty(caps: QemuCaps, type: string, property: string): boolean {
  const known = caps.properties[type];
  return known !== undefined && Object.hasOwn(known, property);
}

/** Whether a command-line option (`machine`, `sandbox`) exists, or has the parameter. */
export function hasOption(caps: QemuCaps, option: string, parameter?: string): boolean {
  const known = caps.options[option];
  return known !== undefined && (parameter === undefined || Object.hasOwn(known, parameter));
}

/** The machine type by its name or alias (`q35`, `pc-q35-10.0`). */
export function findMachine(caps: QemuCaps, accel: 'kvm' | 'tcg', name: string): MachineInfo | undefined {
  const machines = (caps.accel[accel] ?? caps.accel.tcg).machines;
  return machines.find((m) => m.name === name) ?? machines.find((m) => m.alias === name);
}

/**
 * Whether the introspection schema has what `path` names. A path starts with a command or event and goes on
 * with member names; in a union a member is looked for in the base and in every variant. A last step `=value`
 * asks for an enum's value, `!feature` for a feature, a first step `@returned` for what a command answers:
 * `schemaHas(caps, 'blockdev-add', 'aio', '=io_uring')`, `schemaHas(caps, 'object-add', 'qom-type', '=tdx-guest')`,
 * `schemaHas(caps, 'query-display-options', '@returned', 'type', '=dbus')`.
 */
export function schemaHas(caps: QemuCaps, command: string, ...path: readonly string[]): boolean {
  const answers = schemaAnswers.get(caps) ?? new Map<string, boolean>();
  schemaAnswers.set(caps, answers);
  const key = [command, ...path].join('\n');
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = lookUp(caps, command, path);
  answers.set(key, answer);
  return answer;
}

/** A memo and no state: an answer is a function of the caps object, which never changes. */
const schemaAnswers = new WeakMap<QemuCaps, Map<string, boolean>>();

function lookUp(caps: QemuCaps, command: string, path: readonly string[]): boolean {
  const entity = caps.schema[command];
  if (entity === undefined || (entity['meta-type'] !== 'command' && entity['meta-type'] !== 'event'))
    return false;
  const [first, ...rest] = path;
  if (first?.startsWith('!'))
    return entity['meta-type'] === 'command' && (entity.features?.includes(first.slice(1)) ?? false);
  if (first === undefined) return true;
  if (first === '@returned')
    return entity['meta-type'] === 'command' && typeHas(caps, entity['ret-type'], rest, new Set());
  return typeHas(caps, entity['arg-type'], [first, ...rest], new Set());
}

function typeHas(caps: QemuCaps, type: string, path: readonly string[], seen: ReadonlySet<string>): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return true;
  const key = `${type}\n${path.length}`;
  if (seen.has(key)) return false;
  const visited = new Set(seen).add(key);
  const entity = caps.schema[type];
  switch (entity?.['meta-type']) {
    case 'enum':
      return step.startsWith('=') && entity.values.includes(step.slice(1));
    case 'array':
      return typeHas(caps, entity['element-type'], path, visited);
    case 'alternate':
      return entity.members.some((m) => typeHas(caps, m.type, path, visited));
    case 'object':
      if (step.startsWith('!')) return entity.features?.includes(step.slice(1)) ?? false;
      return (
        entity.members.some(
          (m) =>
            m.name === step && (memberFeature(m.features, rest) || typeHas(caps, m.type, rest, new Set())),
        ) || (entity.variants ?? []).some((v) => typeHas(caps, v.type, path, visited))
      );
    default:
      return false;
  }
}

function memberFeature(features: readonly string[] | undefined, rest: readonly string[]): boolean {
  const [only, ...more] = rest;
  return more.length === 0 && only?.startsWith('!') === true && (features?.includes(only.slice(1)) ?? false);
}
