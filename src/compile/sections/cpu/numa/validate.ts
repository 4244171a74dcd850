import { SOURCE, whereIs } from '../../../../xml/index.ts';
import type { ValidateContext } from '../../../context.ts';
import { cpuErrors } from '../errors.ts';
import type { Cell, Cpu, Interconnect } from '../schema.ts';
import { GREATEST_DISTANCE, LOCAL_DISTANCE } from './distances.ts';

/** ACPI HMAT: a memory side cache has a level from 1 to 3. */
const GREATEST_CACHE_LEVEL = 3;

export function validateNuma(cpu: Cpu, cx: ValidateContext): void {
  const cells = cpu.numa?.cell ?? [];
  checkVcpus(cells, cx);
  for (const cell of cells) {
    checkDistances(cell, cells.length, cx);
    checkCaches(cell, cx);
  }
  checkLinks(cpu.numa?.interconnects?.link ?? [], cells, cx);
}

function checkVcpus(cells: readonly Cell[], cx: ValidateContext): void {
  const { count } = cx.domain.vcpu;
  const owners = new Map<number, number>();
  for (const cell of cells)
    for (const vcpu of cell.cpus ?? []) {
      const other = owners.get(vcpu);
      if (vcpu >= count) {
        cx.report.add(
          cpuErrors['cell-of-missing-vcpu'],
          { cell: cell.id, vcpu, count },
          whereIs(cell, '@cpus'),
        );
        break;
      }
      if (other !== undefined) {
        cx.report.add(cpuErrors['vcpu-in-two-cells'], { cell: cell.id, other, vcpu }, whereIs(cell, '@cpus'));
        break;
      }
      owners.set(vcpu, cell.id);
    }
}

function checkDistances(cell: Cell, cells: number, cx: ValidateContext): void {
  const { distances } = cell;
  if (distances?.sibling.length === 0)
    cx.report.add(cpuErrors['no-siblings'], { cell: cell.id }, whereIs(distances));
  for (const sibling of distances?.sibling ?? []) {
    const { id, value, [SOURCE]: written } = sibling;
    // The way back is implied: what is wrong with it is told where it was written.
    if (written === undefined) continue;
    if (id >= cells) {
      cx.report.add(cpuErrors['distance-to-missing-cell'], { cell: cell.id, sibling: id }, whereIs(sibling));
      continue;
    }
    const isValid =
      id === cell.id ? value === LOCAL_DISTANCE : value > LOCAL_DISTANCE && value <= GREATEST_DISTANCE;
    if (!isValid)
      cx.report.add(cpuErrors['invalid-distance'], { cell: cell.id, sibling: id, value }, whereIs(sibling));
  }
}

function checkCaches(cell: Cell, cx: ValidateContext): void {
  const levels = new Set<number>();
  for (const { level, ...cache } of cell.cache) {
    if (levels.has(level))
      cx.report.add(cpuErrors['repeated-cell-cache'], { cell: cell.id, level }, whereIs(cache, '@level'));
    if (level > GREATEST_CACHE_LEVEL)
      cx.report.add(cpuErrors['cell-cache-level'], { cell: cell.id, level }, whereIs(cache, '@level'));
    levels.add(level);
  }
}

function checkLinks(links: readonly Interconnect[], cells: readonly Cell[], cx: ValidateContext): void {
  const seen = new Set<string>();
  for (const link of links) {
    const target = cells[link.target];
    const initiator = cells[link.initiator];
    const missing = initiator === undefined ? 'initiator' : target === undefined ? 'target' : undefined;
    if (missing !== undefined)
      cx.report.add(
        cpuErrors['link-to-missing-cell'],
        { end: missing, cell: link[missing] },
        whereIs(link, `@${missing}`),
      );
    else if ((initiator?.cpus ?? []).length === 0)
      cx.report.add(
        cpuErrors['initiator-without-cpus'],
        { cell: link.initiator },
        whereIs(link, '@initiator'),
      );
    else if (link.cache && !target?.cache.some((c) => c.level === link.cache))
      cx.report.add(
        cpuErrors['link-to-missing-cache'],
        { cell: link.target, level: link.cache },
        whereIs(link, '@cache'),
      );
    const key = [link.kind, link.initiator, link.target, link.cache, link.type].join(' ');
    if (seen.has(key))
      cx.report.add(
        cpuErrors['repeated-link'],
        { kind: link.kind, initiator: link.initiator, target: link.target },
        whereIs(link),
      );
    seen.add(key);
  }
}
