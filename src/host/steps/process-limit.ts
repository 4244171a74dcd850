import { fail } from '../../errors/index.ts';
import type { LimitedResource, ProcessLimitRequirement } from '../../plan/index.ts';
import { hasCapability } from '../credentials.ts';
import { hostErrors } from '../errors.ts';
import { requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep, StepRecord } from './step.ts';

/** What the kernel calls it in `/proc/PID/limits` (proc(5)), and what it counts. */
const RESOURCES: Readonly<Record<LimitedResource, { readonly title: string; readonly unit: string }>> = {
  memlock: { title: 'Max locked memory', unit: ' bytes of locked memory' },
  core: { title: 'Max core file size', unit: ' bytes of core dump' },
  nofile: { title: 'Max open files', unit: ' open files' },
  nproc: { title: 'Max processes', unit: " processes of QEMU's user" },
};

/** A limit that QEMU is started with (prlimit(1)). It goes away with QEMU. */
export const processLimitStep: HostStep<ProcessLimitRequirement, StepRecord> = {
  type: 'process-limit',

  describe: ({ resource, value }) => ({
    act: `let QEMU have at most ${value}${RESOURCES[resource].unit}`,
    undo: 'it goes away with QEMU',
  }),

  async check({ resource, value }, host) {
    requireProgram(host, 'prlimit', 'QEMU');
    const most = highestLimit(resource, host);
    if (isMore(value, most)) {
      const what = RESOURCES[resource].unit.trim();
      throw fail(hostErrors['limit-refused'], { what, value: String(value), most: String(most) });
    }
  },

  async intend() {
    return {};
  },

  async apply({ resource, value }, intent, _host, { limits }) {
    const before = limits.get(resource);
    if (before === undefined || isMore(value, before)) limits.set(resource, value);
    return intent;
  },

  async undo() {},
};

type Limit = ProcessLimitRequirement['value'];

function isMore(value: Limit, than: Limit): boolean {
  if (than === 'unlimited') return false;
  return value === 'unlimited' || value > than;
}

/** CAP_SYS_RESOURCE (capabilities(7)): hard limits may be raised. */
const CAP_SYS_RESOURCE = 24n;

/** What a process that we start can be given at most. */
function highestLimit(resource: LimitedResource, host: HostSystem): Limit {
  if (!hasCapability(host, CAP_SYS_RESOURCE)) return hardLimit(resource, host);
  // Nobody may have more open files than this (proc(5)).
  const mostFiles = resource === 'nofile' ? host.readText('/proc/sys/fs/nr_open')?.trim() : undefined;
  return mostFiles === undefined ? 'unlimited' : BigInt(mostFiles);
}

function hardLimit(resource: LimitedResource, host: HostSystem): Limit {
  const { title } = RESOURCES[resource];
  const line = (host.readText('/proc/self/limits') ?? '').split('\n').find((one) => one.startsWith(title));
  const hard = line?.slice(title.length).trim().split(/\s+/)[1];
  return hard === undefined || hard === 'unlimited' ? 'unlimited' : BigInt(hard);
}

/** The words that start a program with these limits, before the program's own. */
export function limitWords(limits: ReadonlyMap<LimitedResource, Limit>, host: HostSystem): readonly string[] {
  if (limits.size === 0) return [];
  const settings = [...limits].map(([resource, value]) => `--${resource}=${value}:${value}`);
  return [requireProgram(host, 'prlimit', 'QEMU'), ...settings, '--'];
}
