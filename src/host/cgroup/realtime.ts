import { dirname } from 'node:path';
import { fail } from '../../errors/index.ts';
import type { HostSystem } from '../system.ts';
import { cgroupErrors } from './errors.ts';
import type { CgroupValue } from './values.ts';

const FILE = 'cpu.rt_runtime_us';

/**
 * What a group of version 1 may use for real-time threads; without any of it they cannot be in the group at all (kernel:
 * scheduler/sched-rt-group). It gets half of what the group around it has left, so that the next one gets something too.
 * Undefined where the kernel does not divide that.
 * @throws QdomError `host/no-realtime` if nothing is left.
 */
export function realtimeBudget(group: string, host: HostSystem): number | undefined {
  const parent = dirname(group);
  const of = (one: string) => Number(host.readText(`${one}/${FILE}`) ?? 0);
  if (host.status(`${parent}/${FILE}`) === undefined) return undefined;
  const others = host.listDirectory(parent).map((name) => `${parent}/${name}`);
  const taken = others.filter((other) => other !== group).reduce((all, other) => all + of(other), 0);
  const budget = Math.floor((of(parent) - taken) / 2);
  if (budget > 0) return budget;
  throw fail(cgroupErrors['no-realtime'], { group: parent, file: `${parent}/${FILE}` });
}

/** The groups inside share it with what is in the group itself. */
export function innerBudget(budget: number, groups: number): number {
  return Math.floor(budget / (groups + 1));
}

export function realtimeValue(budget: number): CgroupValue {
  return { files: [FILE], value: String(budget) };
}
