import { fail } from '../../errors/index.ts';
import type { FreeMemoryRequirement, MemoryNeed } from '../../plan/index.ts';
import { memoryErrors } from '../hugepages/errors.ts';
import type { HostSystem } from '../system.ts';
import { type HostStep, NOTHING_DONE, type StepRecord } from './step.ts';

const REASONS: Readonly<Record<FreeMemoryRequirement['because'], string>> = {
  locked: 'is locked',
  allocated: 'is allocated at once',
  assigned: 'stays in RAM because a device reaches it by itself',
};

/** Looks whether there is as much memory as QEMU takes at once; it takes and gives it back by itself. */
export const freeMemoryStep: HostStep<FreeMemoryRequirement, StepRecord> = {
  ...NOTHING_DONE,
  type: 'free-memory',

  describe: ({ needs, because }) => ({
    act: `look for ${sum(needs)} KiB of free memory, which ${REASONS[because]}`,
    undo: 'it is free again with the end of QEMU',
  }),

  async check({ needs, because }, host) {
    const reason = REASONS[because];
    const free = freeOfHost(host);
    if (free !== undefined) refuseMore(needs, free, reason, 'on this host');
    for (const nodes of new Set(needs.flatMap((need) => need.nodes?.join(',') ?? []))) {
      const onThem = needs.filter((need) => need.nodes?.join(',') === nodes);
      const free = freeOfNodes(nodes.split(','), host);
      if (free !== undefined) refuseMore(onThem, free, reason, `on the NUMA nodes '${nodes}'`);
    }
  },
};

function sum(needs: readonly MemoryNeed[]): number {
  return needs.reduce((all, { sizeKiB }) => all + sizeKiB, 0);
}

/** @throws QdomError `host/memory-missing`. */
function refuseMore(needs: readonly MemoryNeed[], freeKiB: number, reason: string, where: string): void {
  const wantedKiB = sum(needs);
  if (wantedKiB <= freeKiB) return;
  const memory = needs.map((need) => need.memory).join("', '");
  throw fail(memoryErrors['memory-missing'], { memory, wantedKiB, freeKiB, reason, where });
}

/** What can be had without killing anybody: what is free or could be, and what others' pages can be swapped out to (proc(5)). */
function freeOfHost(host: HostSystem): number | undefined {
  const text = host.readText('/proc/meminfo') ?? '';
  const available = kiB(text, 'MemAvailable');
  return available === undefined ? undefined : available + (kiB(text, 'SwapFree') ?? 0);
}

/** Files' pages and what the kernel can give back go for it; to where others' pages can be swapped is no node's. */
function freeOfNodes(nodes: readonly string[], host: HostSystem): number | undefined {
  const swap = kiB(host.readText('/proc/meminfo') ?? '', 'SwapFree') ?? 0;
  const texts = nodes.map((node) => host.readText(`/sys/devices/system/node/node${node}/meminfo`) ?? '');
  if (texts.some((text) => kiB(text, 'MemFree') === undefined)) return undefined;
  const parts = ['MemFree', 'Active(file)', 'Inactive(file)', 'SReclaimable'];
  const free = texts.flatMap((text) => parts.map((part) => kiB(text, part) ?? 0));
  return free.reduce((all, one) => all + one, swap);
}

/** A line of `/proc/meminfo`, or of a node's: `Node 0 MemFree:  1234 kB`. */
function kiB(text: string, name: string): number | undefined {
  const line = text.split('\n').find((one) => one.replace(/^Node \d+ /, '').startsWith(`${name}:`));
  const number = line === undefined ? undefined : /(\d+) kB/.exec(line)?.[1];
  return number === undefined ? undefined : Number(number);
}
