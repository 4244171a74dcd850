import type { EmitContext } from '../context.ts';
import type { NumaMode } from '../sections/numatune/index.ts';
import type { HostBinding } from './memory-backend.ts';
import type { NumberSet } from './number-set.ts';
import { advisedNodes } from './placement.ts';

const POLICIES = { strict: 'bind', preferred: 'preferred', interleave: 'interleave' } as const;

/**
 * The host nodes that a piece of memory comes from: its own, else those of its guest NUMA cell, else the domain's.
 * In mode `restrictive` only the cgroup binds it, so QEMU is told nothing.
 * @param nodes the nodes that a memory device asks for
 */
export function hostBinding(
  cell: number | undefined,
  nodes: NumberSet | undefined,
  cx: EmitContext,
): HostBinding | undefined {
  const { memory, memnode = [] } = cx.domain.numatune ?? {};
  const ofCell = memnode.find((node) => node.cellid === cell);
  const mode: NumaMode = ofCell?.mode ?? memory?.mode ?? 'strict';
  const chosen =
    nodes ?? ofCell?.nodeset ?? (memory?.placement === 'auto' ? advisedNodes(cx.env.facts) : memory?.nodeset);
  return chosen === undefined || mode === 'restrictive'
    ? undefined
    : { nodes: chosen, policy: POLICIES[mode] };
}
