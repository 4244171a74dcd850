import { SOURCE, type Sourced } from '../xml/index.ts';
import {
  attribute,
  child,
  children,
  childText,
  type ElementSchema,
  element,
  type Field,
  oneOf,
  required,
  string,
} from '../xml/schema/index.ts';
import type { DeviceModule, SectionModule } from './module.ts';
import { DEVICES, LAST_SECTIONS, SECTIONS } from './registry.ts';
import type { DeviceBase, Placed } from './shared/device-base.ts';
import { outputOnlyAttribute } from './shared/output-only.ts';

type Sections = typeof SECTIONS & typeof LAST_SECTIONS;
type Devices = typeof DEVICES;

export type SectionName = keyof Sections;
export type DeviceKind = keyof Devices;

type SectionXml<M> = M extends SectionModule<infer X, infer _V> ? X : never;
type SectionValue<M> = M extends SectionModule<infer _X, infer V> ? V : never;
// biome-ignore lint/suspicious/noExplicitAny: inference only
type DeviceXml<M> = M extends DeviceModule<infer X, any> ? X : never;
// biome-ignore lint/suspicious/noExplicitAny: inference only
type DeviceResolved<M> = M extends { resolve(xml: any, cx: any): infer D } ? D : never;

export type XmlOf<K extends DeviceKind> = DeviceXml<Devices[K]>;
export type DeviceOf<K extends DeviceKind> = Placed<DeviceResolved<Devices[K]>>;

interface Root extends Sourced {
  readonly type: 'kvm' | 'qemu' | string;
}

/** A domain as it was read, and while it is being resolved. */
export type ParsedDomain = Root & { readonly [K in SectionName]?: SectionXml<Sections[K]> } & {
  readonly devices: ParsedDevices;
};

export type ParsedDevices = Sourced & { readonly emulator?: string | undefined } & {
  readonly [K in DeviceKind]: readonly XmlOf<K>[];
};

/** A domain with every default, controller and address. */
export type Domain = Root & { readonly [K in SectionName]: SectionValue<Sections[K]> } & {
  readonly devices: Sourced & { readonly emulator: string } & {
    readonly [K in DeviceKind]: readonly DeviceOf<K>[];
  };
};

export const DEVICE_KINDS = Object.keys(DEVICES) as readonly DeviceKind[];

/** A module by its kind, with the types that the caller does not know taken away. */
export function deviceModule(kind: DeviceKind): DeviceModule<DeviceBase> {
  return DEVICES[kind] as unknown as DeviceModule<DeviceBase>;
}

/** Every section with its name, in printing order. */
export const SECTION_ENTRIES = Object.entries({
  ...SECTIONS,
  ...LAST_SECTIONS,
}) as unknown as readonly (readonly [SectionName, SectionModule<unknown>])[];

const devicesSchema = element(() => ({
  emulator: childText(string({ nonEmpty: true })),
  ...Object.fromEntries(DEVICE_KINDS.map((kind) => [kind, children(deviceModule(kind).schema)])),
})) as unknown as ElementSchema<ParsedDevices>;

function fieldsOf(sections: object): Record<string, Field<unknown>> {
  return Object.fromEntries(
    Object.entries(sections as Record<string, SectionModule<unknown>>).map(([name, module]) => [
      name,
      module.field,
    ]),
  );
}

/** The whole `<domain>` element. */
export const domainSchema = element(() => ({
  type: required(
    attribute(oneOf('kvm', 'qemu', 'xen', 'lxc', 'vz', 'bhyve', 'hvf', 'test', 'vmware', 'hyperv', 'vbox')),
  ),
  id: outputOnlyAttribute(),
  ...fieldsOf(SECTIONS),
  devices: child(devicesSchema),
  ...fieldsOf(LAST_SECTIONS),
})) as unknown as ElementSchema<Omit<ParsedDomain, 'devices'> & { readonly devices?: ParsedDevices }>;

/** The devices of a domain that has no `<devices>`. */
export const NO_DEVICES = Object.fromEntries([
  ...DEVICE_KINDS.map((kind) => [kind, []] as const),
  [SOURCE, undefined] as const,
]) as unknown as ParsedDevices;
