import type { Domain } from '../domain.ts';

/**
 * Whether another process can map the guest's memory, which every vhost-user device needs: all of it is shared, or every
 * NUMA cell is (format: "Memory Backing", `access`; `numa`, `memAccess`).
 */
export function hasSharedMemory({ memoryBacking, cpu }: Domain): boolean {
  const everywhere = memoryBacking?.access?.mode === 'shared';
  const cells = cpu?.numa?.cell ?? [];
  if (cells.length === 0) return everywhere;
  return cells.every((cell) => (cell.memAccess === undefined ? everywhere : cell.memAccess === 'shared'));
}
