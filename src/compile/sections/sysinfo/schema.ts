import type { Sourced } from '../../../xml/index.ts';
import {
  attribute,
  child,
  children,
  childTexts,
  element,
  type Read,
  required,
  string,
  text,
  variants,
} from '../../../xml/schema/index.ts';

/** Format: "SMBIOS System Information". */

/** The fields of an SMBIOS structure by its type, in QEMU's order; libvirt's names are QEMU's. */
export const SMBIOS_KEYS = {
  0: ['vendor', 'version', 'date', 'release'],
  1: ['manufacturer', 'product', 'version', 'serial', 'uuid', 'sku', 'family'],
  2: ['manufacturer', 'product', 'version', 'serial', 'asset', 'location'],
  3: ['manufacturer', 'version', 'serial', 'asset', 'sku'],
} as const;

function block(...names: readonly [string, ...string[]]) {
  return element(() => ({
    entry: children(
      element(() => ({
        name: required(attribute(string({ nonEmpty: true, samples: names }))),
        value: text(string(), { verbatim: true }),
      })),
    ),
  }));
}

export const sysinfoSchema = variants('type', {
  smbios: () => ({
    bios: child(block(...SMBIOS_KEYS[0])),
    system: child(block(...SMBIOS_KEYS[1])),
    baseBoard: children(block(...SMBIOS_KEYS[2])),
    chassis: child(block(...SMBIOS_KEYS[3])),
    oemStrings: child(element(() => ({ entry: childTexts(string()) }))),
  }),
  fwcfg: () => ({
    entry: children(
      element(() => ({
        name: required(attribute(string({ nonEmpty: true, samples: ['opt/com.example/name'] }))),
        file: attribute(string({ nonEmpty: true, samples: ['/tmp/provision.ign'] })),
        value: text(string(), { verbatim: true }),
      })),
    ),
  }),
});

export type Sysinfo = Read<typeof sysinfoSchema>;
export type SmbiosInfo = Extract<Sysinfo, { readonly type: 'smbios' }>;
export type FwCfg = Extract<Sysinfo, { readonly type: 'fwcfg' }>;

/** One SMBIOS structure: the fields in the order in which they were written. */
export interface Block {
  readonly entry: readonly (Sourced & { readonly name: string; readonly value?: string | undefined })[];
}

/** The values of a block by name. */
export function valuesOf(block: Block | undefined): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries((block?.entry ?? []).map(({ name, value }) => [name, value]));
}
