import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  type Codec,
  children,
  element,
  type Read,
  required,
  yesNo,
} from '../../../xml/schema/index.ts';
import type { DeviceModule } from '../../module.ts';

export const redirfilterErrors = defineErrors('redirfilter', () => ({
  'more-than-one': {
    class: 'invalid',
    message: () => 'there is one <redirfilter> for all redirected devices, and this is a second one',
  },
}));

const ANY = -1;

/** A USB class, vendor or product: decimal or hexadecimal, printed with `digits` hexadecimal ones; -1 is any. */
function usbNumber(digits: number): Codec<number> {
  const max = 16 ** digits - 1;
  return {
    read: (text) => {
      if (text === '-1') return ANY;
      const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
      return value <= max ? value : undefined;
    },
    write: (value) => hex(value, digits),
    expected: `-1 or a number from 0x0 to 0x${max.toString(16)}`,
    samples: [ANY, 1, max],
  };
}

/** A device's release, `2.56`, as binary-coded decimals (USB's `bcdDevice`). */
const usbVersion: Codec<number> = {
  read: (text) => {
    if (text === '-1') return ANY;
    const [, major, minor] = /^(\d{1,2})\.(\d{1,2})$/.exec(text) ?? [];
    if (major === undefined || minor === undefined) return undefined;
    // The minor number counts as decimals do: 1.1 is 1.10.
    return (bcd(Number(major)) << 8) | bcd(Number(minor.padEnd(2, '0')));
  },
  write: (value) =>
    value === ANY ? '-1' : `${(value >> 8).toString(16)}.${(value & 0xff).toString(16).padStart(2, '0')}`,
  expected: '-1 or a version such as 1.10',
  samples: [ANY, 0x0110],
};

function bcd(value: number): number {
  return (Math.trunc(value / 10) << 4) | (value % 10);
}

/** -1, or 0x and upper-case digits. */
function hex(value: number, digits: number): string {
  return value === ANY ? '-1' : `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;
}

const redirfilterSchema = element(() => ({
  usbdev: children(
    element(() => ({
      class: attribute(usbNumber(2)),
      vendor: attribute(usbNumber(4)),
      product: attribute(usbNumber(4)),
      version: attribute(usbVersion),
      allow: required(attribute(yesNo)),
    })),
  ),
}));

type Redirfilter = Read<typeof redirfilterSchema>;

/** Which USB devices may be redirected; it is a property of every redirected device (format: "Redirected devices"). */
export const redirfilter: DeviceModule<Redirfilter> = {
  kind: 'redirfilter',
  schema: redirfilterSchema,
  resolve: (xml) => ({ ...xml, usbdev: xml.usbdev.map(withoutAny) }),
  validate: (filter, cx) => {
    if (cx.domain.devices.redirfilter[0] !== filter)
      cx.report.add(redirfilterErrors['more-than-one'], undefined, whereIs(filter));
  },
  emit: () => ({ options: [] }),
};

type Rule = Redirfilter['usbdev'][number];

/** What is any is as if it were not written. */
function withoutAny(rule: Rule): Rule {
  const { class: usbClass, vendor, product, version, ...rest } = rule;
  return {
    ...rest,
    ...(usbClass !== ANY && { class: usbClass }),
    ...(vendor !== ANY && { vendor }),
    ...(product !== ANY && { product }),
    ...(version !== ANY && { version }),
  };
}

/** QEMU's `filter` of usb-redir: `class:vendor:product:version:allow`, one rule after the other, split by `|`. */
export function usbFilter(filters: readonly Redirfilter[]): string | undefined {
  const rules = filters.flatMap((f) => f.usbdev);
  if (rules.length === 0) return undefined;
  return rules
    .map((rule) =>
      [
        hex(rule.class ?? ANY, 2),
        hex(rule.vendor ?? ANY, 4),
        hex(rule.product ?? ANY, 4),
        hex(rule.version ?? ANY, 4),
        rule.allow ? 1 : 0,
      ].join(':'),
    )
    .join('|');
}
