import { keysOption, type QemuOption } from '../../../../plan/index.ts';
import type { Cell, CellCache, Cpu, Interconnect } from '../schema.ts';

const HIERARCHIES = ['memory', 'first-level', 'second-level', 'third-level'];
const ASSOCIATIVITY = { none: 'none', direct: 'direct', full: 'complex' } as const;
const POLICIES = { none: 'none', writeback: 'write-back', writethrough: 'write-through' } as const;

/** Whether the guest gets an ACPI HMAT: it has links between cells, or caches of their memory. Also `-machine hmat=on`. */
export function usesHmat(cpu: Cpu): boolean {
  const { cell = [], interconnects } = cpu.numa ?? {};
  return (interconnects?.link ?? []).length > 0 || cell.some((c) => c.cache.length > 0);
}

/** `-numa hmat-lb` and `hmat-cache` (QEMU 5.0). */
export function hmatOptions(cpu: Cpu): readonly QemuOption[] {
  const { cell = [], interconnects } = cpu.numa ?? {};
  return [
    ...(interconnects?.link ?? []).map(linkOption),
    ...cell.flatMap((c) => c.cache.map((cache) => cacheOption(c, cache))),
  ];
}

function linkOption(link: Interconnect): QemuOption {
  const value =
    link.kind === 'latency'
      ? (['latency', link.value] as const)
      : (['bandwidth', `${link.valueKiB}K`] as const);
  return keysOption('-numa', [
    [null, 'hmat-lb'],
    ['initiator', link.initiator],
    ['target', link.target],
    ['hierarchy', HIERARCHIES[link.cache ?? 0]],
    ['data-type', `${link.type}-${link.kind}`],
    value,
  ]);
}

function cacheOption(cell: Cell, cache: CellCache): QemuOption {
  return keysOption('-numa', [
    [null, 'hmat-cache'],
    ['node-id', cell.id],
    ['size', `${cache.size.value}K`],
    ['level', cache.level],
    ['associativity', ASSOCIATIVITY[cache.associativity]],
    ['policy', POLICIES[cache.policy]],
    ['line', Number(cache.line.value) > 0 ? cache.line.value : undefined],
  ]);
}
