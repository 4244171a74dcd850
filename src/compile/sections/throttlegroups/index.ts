import { jsonOption, type Props } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { child, children, element, type Read } from '../../../xml/schema/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import { type Iotune, throttlegroupSchema, validateIotune } from '../../shared/iotune.ts';
import { throttleErrors } from './errors.ts';

const throttlegroupsSchema = element(() => ({
  groups: children(throttlegroupSchema, { name: 'throttlegroup' }),
}));
export type ThrottleGroups = Read<typeof throttlegroupsSchema>;

/** Format: "Disk Throttle Group Management". */
export const throttlegroups: SectionModule<ThrottleGroups | undefined> = {
  field: child(throttlegroupsSchema),
  validate: (value, cx) => {
    const names = new Set<string>();
    for (const group of value?.groups ?? []) {
      const { group_name: name } = group;
      if (name === undefined) cx.report.add(throttleErrors['unnamed-group'], undefined, whereIs(group));
      else if (names.has(name))
        cx.report.add(throttleErrors['duplicate-group'], { name }, whereIs(group, 'group_name'));
      else names.add(name);
      validateIotune(group, cx);
    }
  },
};

/** `-object throttle-group` of every group (QAPI: `ThrottleLimits`); what is not limited is 0. */
export function throttleGroupObjects({ domain }: EmitContext): Emission {
  const groups = domain.throttlegroups?.groups ?? [];
  return {
    options: groups.map((group) =>
      jsonOption('-object', {
        'qom-type': 'throttle-group',
        id: `throttle-${group.group_name}`,
        limits: throttleLimits(group),
      }),
    ),
  };
}

const LIMITS = [
  ['bps-total', 'total_bytes_sec'],
  ['bps-read', 'read_bytes_sec'],
  ['bps-write', 'write_bytes_sec'],
  ['iops-total', 'total_iops_sec'],
  ['iops-read', 'read_iops_sec'],
  ['iops-write', 'write_iops_sec'],
  ['bps-total-max', 'total_bytes_sec_max'],
  ['bps-read-max', 'read_bytes_sec_max'],
  ['bps-write-max', 'write_bytes_sec_max'],
  ['iops-total-max', 'total_iops_sec_max'],
  ['iops-read-max', 'read_iops_sec_max'],
  ['iops-write-max', 'write_iops_sec_max'],
  ['iops-size', 'size_iops_sec'],
] as const;

const LENGTHS = [
  ['bps-total-max-length', 'total_bytes_sec_max_length'],
  ['bps-read-max-length', 'read_bytes_sec_max_length'],
  ['bps-write-max-length', 'write_bytes_sec_max_length'],
  ['iops-total-max-length', 'total_iops_sec_max_length'],
  ['iops-read-max-length', 'read_iops_sec_max_length'],
  ['iops-write-max-length', 'write_iops_sec_max_length'],
] as const;

function throttleLimits(group: Iotune): Props {
  return Object.fromEntries([
    ...LIMITS.map(([name, key]) => [name, group[key] ?? 0n]),
    ...LENGTHS.flatMap(([name, key]) => (group[key] ? [[name, group[key]]] : [])),
  ]);
}
