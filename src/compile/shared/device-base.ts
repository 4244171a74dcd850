import type { Sourced } from '../../xml/index.ts';
import {
  attribute,
  type Codec,
  child,
  element,
  integer,
  onOff,
  required,
  string,
  yesNo,
} from '../../xml/schema/index.ts';
import { type Address, addressSchema } from './address.ts';
import { userAlias } from './alias.ts';

/** What any device can have. */
export interface DeviceBase extends Sourced {
  /** The alias that the user gave: `ua-…`. */
  readonly alias?: string | undefined;
  readonly address?: Address | undefined;
  /** QEMU's id of the device: the user's alias or the one given by the placing phase. */
  readonly id?: string | undefined;
}

/** A device after the placing phase. */
export type Placed<Dev> = Dev & { readonly id: string };

const loadparmAsWritten = string({
  pattern: /^[A-Za-z0-9. ]{1,8}$/,
  expected: '1 to 8 characters of letters, digits, dots and spaces',
  samples: ['LINUX'],
});

/** Of mainframes: kept, in capitals as they show it. */
const loadparm: Codec<string> = {
  ...loadparmAsWritten,
  read: (text) => loadparmAsWritten.read(text)?.toUpperCase(),
};

const bootSchema = element(() => ({
  order: required(attribute(integer({ min: 1 }))),
  loadparm: attribute(loadparm),
}));

const romSchema = element(() => ({
  enabled: attribute(yesNo),
  bar: attribute(onOff),
  /** An empty name is the old way to say that there is no ROM. */
  file: attribute(string({ samples: ['/usr/share/rom.bin'] })),
}));

/**
 * The fields that end every device element, in the order in which they print: spread them after a kind's own.
 * A kind that cannot have one of them leaves it out.
 */
export const deviceInfo = {
  boot: child(bootSchema),
  alias: userAlias(),
  rom: child(romSchema),
  acpi: child(element(() => ({ index: attribute(integer()) }))),
  address: child(addressSchema),
} as const;
