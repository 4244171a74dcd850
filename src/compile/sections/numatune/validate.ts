import { SOURCE, type Sourced, whereIs } from '../../../xml/index.ts';
import type { EmitContext, ValidateContext } from '../../context.ts';
import type { NumberSet } from '../../shared/number-set.ts';
import { refuseRepeated } from '../../shared/only-once.ts';
import { numatuneErrors } from './errors.ts';
import type { Numatune } from './index.ts';

export function validateNumatune(value: Numatune, cx: ValidateContext): void {
  const { memory } = value;
  refuseRepeated(cx.domain[SOURCE], 'numatune', cx);
  if (memory?.nodeset !== undefined) refuseEmpty(memory, 'nodeset', memory.nodeset, cx);
  checkMemnodes(value, cx);
}

/** Memory is bound to at least one node. */
export function refuseEmpty(owner: Sourced, name: string, nodes: NumberSet, cx: ValidateContext): void {
  const value = owner[SOURCE]?.attributes[name] ?? owner[SOURCE]?.child(name)?.text ?? '';
  if (nodes.length === 0)
    cx.report.add(numatuneErrors['empty-nodeset'], { attribute: name, value }, whereIs(owner, `@${name}`));
}

/** What only the host decides: there is advice, and there are the nodes. */
export function checkNodesOfHost({ memory, memnode }: Numatune, cx: EmitContext): void {
  if (memory?.placement === 'auto' && cx.env.facts.numa.advisedNodeset === undefined)
    cx.report.add(numatuneErrors['no-advice'], undefined, whereIs(memory, '@placement'));
  for (const binding of [memory, ...memnode])
    if (binding?.nodeset !== undefined) refuseUnavailable(binding, 'nodeset', binding.nodeset, cx);
}

/** Nodes that memory is bound to must be nodes of this host. */
export function refuseUnavailable(owner: Sourced, name: string, nodes: NumberSet, cx: EmitContext): void {
  const known = new Set(cx.env.facts.numa.cells.map((cell) => cell.id));
  const missing = nodes.find((node) => !known.has(node));
  if (missing !== undefined)
    cx.report.add(numatuneErrors['unavailable-node'], { node: missing }, whereIs(owner, `@${name}`));
}

function checkMemnodes({ memory, memnode }: Numatune, cx: ValidateContext): void {
  const cells = cx.domain.cpu.numa?.cell ?? [];
  const seen = new Set<number>();
  for (const node of memnode) {
    const cell = node.cellid;
    const where = whereIs(node, '@cellid');
    refuseEmpty(node, 'nodeset', node.nodeset, cx);
    if (cells.length === 0) cx.report.add(numatuneErrors['memnode-without-cells'], { cell }, where);
    else if (cell >= cells.length) cx.report.add(numatuneErrors['memnode-of-missing-cell'], { cell }, where);
    if (seen.has(cell)) cx.report.add(numatuneErrors['repeated-memnode'], { cell }, where);
    seen.add(cell);
    if (memory?.placement === 'auto')
      cx.report.add(numatuneErrors['memnode-with-automatic-placement'], { cell }, where);
    const modes = [memory?.mode ?? 'strict', node.mode ?? 'strict'] as const;
    if (modes.filter((mode) => mode === 'restrictive').length === 1)
      cx.report.add(
        numatuneErrors['mixed-restrictive'],
        { memory: modes[0], memnode: modes[1] },
        whereIs(node, '@mode'),
      );
  }
}
