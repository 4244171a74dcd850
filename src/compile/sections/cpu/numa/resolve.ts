import { SOURCE, whereIs } from '../../../../xml/index.ts';
import type { ResolveContext } from '../../../context.ts';
import { devicesKiB } from '../../memory/amounts.ts';
import { cpuErrors } from '../errors.ts';
import type { Cell, CellCache, Cpu, CpuXml } from '../schema.ts';
import { completeDistances } from './distances.ts';

type NumaXml = CpuXml['numa'];

/**
 * Cells by number, with every vCPU in one: those that are in none are in the first. A guest whose memory can grow
 * needs cells for it, so it gets one.
 */
export function resolveNuma(numa: NumaXml, cx: ResolveContext): Pick<Cpu, 'numa'> {
  const vcpus = cx.domain.vcpu?.count ?? 1;
  if (numa === undefined)
    return cx.domain.maxMemory === undefined ? {} : { numa: { cell: [wholeGuest(vcpus, cx)] } };
  if (numa.cell.length === 0) cx.report.add(cpuErrors['no-cells'], undefined, whereIs(numa));
  const numbered = numa.cell
    .map((cell, index) => ({
      ...cell,
      id: cell.id ?? index,
      cache: cell.cache.map((c) => inFixedUnits(c, cx)),
    }))
    .sort((a, b) => a.id - b.id);
  refuseGaps(numbered, cx);
  return { numa: { ...numa, cell: completeDistances(withAllVcpus(numbered, vcpus)) } };
}

function wholeGuest(vcpus: number, cx: ResolveContext): Cell {
  const sizeKiB = Math.max((cx.domain.memory?.sizeKiB ?? 0) - devicesKiB(cx.domain), 0);
  return { id: 0, cpus: Array.from({ length: vcpus }, (_, id) => id), sizeKiB, cache: [] };
}

function refuseGaps(cells: readonly Cell[], cx: ResolveContext): void {
  cells.forEach((cell, index) => {
    if (cell.id === cells[index - 1]?.id)
      cx.report.add(cpuErrors['repeated-cell'], { cell: cell.id }, whereIs(cell, '@id'));
    else if (cell.id > index && cells[index - 1]?.id !== cell.id - 1)
      cx.report.add(cpuErrors['missing-cell'], { cell: cell.id }, whereIs(cell, '@id'));
  });
}

function withAllVcpus(cells: readonly Cell[], vcpus: number): readonly Cell[] {
  const placed = new Set(cells.flatMap((cell) => cell.cpus ?? []));
  const homeless = Array.from({ length: vcpus }, (_, id) => id).filter((id) => !placed.has(id));
  return cells.map((cell, index) => {
    const { cpus = [], ...rest } = cell;
    const all = index === 0 ? [...cpus, ...homeless].sort((a, b) => a - b) : cpus;
    return { ...rest, ...(all.length > 0 && { cpus: all }) };
  });
}

/** libvirt takes a cache's size for KiB and its line for bytes whatever the unit says, and the guest's table is the same here. */
function inFixedUnits(cache: CellCache, cx: ResolveContext): CellCache {
  const fixed = (amount: CellCache['size'], unit: string): CellCache['size'] => {
    if (amount.unit !== undefined && amount.unit !== unit)
      cx.report.add(
        cpuErrors['cache-unit-ignored'],
        { element: amount[SOURCE]?.name ?? '', written: amount.unit, unit },
        whereIs(amount, '@unit'),
      );
    return { ...amount, unit };
  };
  return { ...cache, size: fixed(cache.size, 'KiB'), line: fixed(cache.line, 'B') };
}
