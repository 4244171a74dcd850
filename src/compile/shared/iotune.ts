import { defineErrors } from '../../errors/index.ts';
import type { Props } from '../../plan/index.ts';
import { whereIs } from '../../xml/index.ts';
import { bigInteger, childText, element, type Read, string, unless } from '../../xml/schema/index.ts';
import type { Context } from '../context.ts';

/** 0 is no limit. */
const limit = unless(0n, childText(bigInteger()));

/** I/O limits, in the order in which they print (format: `iotune`); bytes and operations a second. */
const limits = {
  total_bytes_sec: limit,
  read_bytes_sec: limit,
  write_bytes_sec: limit,
  total_iops_sec: limit,
  read_iops_sec: limit,
  write_iops_sec: limit,
  total_bytes_sec_max: limit,
  read_bytes_sec_max: limit,
  write_bytes_sec_max: limit,
  total_iops_sec_max: limit,
  read_iops_sec_max: limit,
  write_iops_sec_max: limit,
  size_iops_sec: limit,
} as const;

/** How many seconds a burst may last. */
const lengths = {
  total_bytes_sec_max_length: limit,
  read_bytes_sec_max_length: limit,
  write_bytes_sec_max_length: limit,
  total_iops_sec_max_length: limit,
  read_iops_sec_max_length: limit,
  write_iops_sec_max_length: limit,
} as const;

const groupName = { group_name: childText(string({ nonEmpty: true })) } as const;

export const iotuneSchema = element(() => ({ ...limits, ...groupName, ...lengths }));
/** The same of a group, whose name prints last. */
export const throttlegroupSchema = element(() => ({ ...limits, ...lengths, ...groupName }));
export type Iotune = Read<typeof iotuneSchema>;

/** QEMU's `THROTTLE_VALUE_MAX`. */
const MOST = 1_000_000_000_000_000n;

export const iotuneErrors = defineErrors('iotune', () => ({
  'limit-too-high': {
    class: 'invalid',
    message: (p: { name: string; value: bigint }) =>
      `'${p.name}' of '${p.value}' passes QEMU's most, '${MOST}'`,
  },
  'lone-group': {
    class: 'invalid',
    message: (p: { name: string }) => `<iotune> joins group '${p.name}' and limits nothing`,
  },
  'total-and-part': {
    class: 'invalid',
    message: (p: { total: string; part: string }) => `'${p.total}' and '${p.part}' cannot be limited both`,
    hint: () => 'limit the total, or reads and writes each',
  },
  'burst-without-base': {
    class: 'invalid',
    keepable: true,
    message: (p: { burst: string; base: string }) => `'${p.burst}' needs '${p.base}'`,
  },
  'burst-below-base': {
    class: 'invalid',
    keepable: true,
    message: (p: { burst: string; value: bigint; base: string }) =>
      `'${p.burst}' of '${p.value}' is less than '${p.base}'`,
  },
  'length-without-burst': {
    class: 'invalid',
    keepable: true,
    message: (p: { length: string; burst: string }) => `'${p.length}' needs '${p.burst}'`,
  },
}));

const KINDS = ['bytes_sec', 'iops_sec'] as const;

/** Rules of one set of limits: a total or its parts, a burst above its base, a length with its burst. */
export function validateIotune(tune: Iotune, cx: Context): void {
  for (const [name, value] of Object.entries(tune))
    if (typeof value === 'bigint' && value > MOST)
      cx.report.add(iotuneErrors['limit-too-high'], { name, value }, whereIs(tune, name));
  for (const kind of KINDS) {
    for (const suffix of ['', '_max', '_max_length'] as const) validateTotal(tune, kind, suffix, cx);
    for (const side of ['total', 'read', 'write'] as const) validateBurst(tune, `${side}_${kind}`, cx);
  }
}

/** Whether anything is limited: a group's name alone is no limit. */
export function limitsAnything(tune: Iotune | undefined): boolean {
  return Object.values(tune ?? {}).some((value) => typeof value === 'bigint' && value > 0n);
}

/** A group has the limits that one of its disks gives. */
export function refuseLoneGroup(tune: Iotune, cx: Context): void {
  const { group_name: name } = tune;
  if (name !== undefined && !limitsAnything(tune))
    cx.report.add(iotuneErrors['lone-group'], { name }, whereIs(tune, 'group_name'));
}

function validateTotal(tune: Iotune, kind: (typeof KINDS)[number], suffix: Suffix, cx: Context): void {
  const total = `total_${kind}${suffix}` as const;
  if (!tune[total]) return;
  for (const part of [`read_${kind}${suffix}`, `write_${kind}${suffix}`] as const)
    if (tune[part]) cx.report.add(iotuneErrors['total-and-part'], { total, part }, whereIs(tune, part));
}

function validateBurst(tune: Iotune, base: Base, cx: Context): void {
  const burst = `${base}_max` as const;
  const length = `${base}_max_length` as const;
  if (tune[burst] && !tune[base])
    cx.report.add(iotuneErrors['burst-without-base'], { burst, base }, whereIs(tune, burst));
  if (tune[burst] && tune[base] && tune[burst] < tune[base])
    cx.report.add(
      iotuneErrors['burst-below-base'],
      { burst, value: tune[burst], base },
      whereIs(tune, burst),
    );
  if (tune[length] && !tune[burst])
    cx.report.add(iotuneErrors['length-without-burst'], { length, burst }, whereIs(tune, length));
}

type Suffix = '' | '_max' | '_max_length';
type Base = `${'total' | 'read' | 'write'}_${(typeof KINDS)[number]}`;

/** QMP's names for limits (QAPI: `BlockIOThrottle`), which must all be there but the bursts'. */
const THROTTLE = [
  ['bps', 'total_bytes_sec'],
  ['bps_rd', 'read_bytes_sec'],
  ['bps_wr', 'write_bytes_sec'],
  ['iops', 'total_iops_sec'],
  ['iops_rd', 'read_iops_sec'],
  ['iops_wr', 'write_iops_sec'],
] as const;

const THROTTLE_BURSTS = [
  ['bps_max', 'total_bytes_sec_max'],
  ['bps_rd_max', 'read_bytes_sec_max'],
  ['bps_wr_max', 'write_bytes_sec_max'],
  ['iops_max', 'total_iops_sec_max'],
  ['iops_rd_max', 'read_iops_sec_max'],
  ['iops_wr_max', 'write_iops_sec_max'],
  ['bps_max_length', 'total_bytes_sec_max_length'],
  ['bps_rd_max_length', 'read_bytes_sec_max_length'],
  ['bps_wr_max_length', 'write_bytes_sec_max_length'],
  ['iops_max_length', 'total_iops_sec_max_length'],
  ['iops_rd_max_length', 'read_iops_sec_max_length'],
  ['iops_wr_max_length', 'write_iops_sec_max_length'],
  ['iops_size', 'size_iops_sec'],
] as const;

/** The arguments of `block_set_io_throttle` but for the device. */
export function blockThrottle(tune: Iotune): Props {
  return Object.fromEntries([
    ...THROTTLE.map(([name, key]) => [name, Number(tune[key] ?? 0n)]),
    ...THROTTLE_BURSTS.flatMap(([name, key]) => (tune[key] ? [[name, Number(tune[key])]] : [])),
    ...(tune.group_name === undefined ? [] : [['group', tune.group_name]]),
  ]);
}
