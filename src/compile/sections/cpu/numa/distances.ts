import type { Cell } from '../schema.ts';

type Sibling = NonNullable<Cell['distances']>['sibling'][number];

/** ACPI: System Locality Information Table. */
export const LOCAL_DISTANCE = 10;
const REMOTE_DISTANCE = 20;
export const GREATEST_DISTANCE = 255;

/** The written distance from one cell to another, or the default between different cells. */
export function distance(from: Cell, to: Cell): number {
  return from.distances?.sibling.find((s) => s.id === to.id)?.value ?? REMOTE_DISTANCE;
}

/** Adds what a distance implies: each cell's own, and the way back where only one direction is written. */
export function completeDistances(cells: readonly Cell[]): readonly Cell[] {
  const table = new Map<number, Map<number, Sibling>>(cells.map((cell) => [cell.id, new Map()]));
  for (const cell of cells)
    for (const sibling of cell.distances?.sibling ?? []) table.get(cell.id)?.set(sibling.id, sibling);
  for (const cell of cells)
    for (const sibling of cell.distances?.sibling ?? []) {
      const back = table.get(sibling.id);
      if (back !== undefined && !back.has(cell.id)) back.set(cell.id, { id: cell.id, value: sibling.value });
    }
  return cells.map((cell) => {
    const row = table.get(cell.id);
    if (row === undefined || row.size === 0 || cell.distances?.sibling.length === 0) return cell;
    row.set(cell.id, row.get(cell.id) ?? { id: cell.id, value: LOCAL_DISTANCE });
    const sibling = [...row.values()].sort((a, b) => a.id - b.id);
    return { ...cell, distances: { ...cell.distances, sibling } };
  });
}
