import { type KeyValue, keysOption, type QemuOption } from '../../../../plan/index.ts';
import { whereIs } from '../../../../xml/index.ts';
import { concatEmissions, type Emission, type EmitContext, emits } from '../../../context.ts';
import { hostBinding } from '../../../shared/host-binding.ts';
import { memoryBackend } from '../../../shared/memory-backend.ts';
import { pagesFor } from '../../../shared/memory-paths.ts';
import { ranges } from '../../../shared/number-set.ts';
import { MOST_KIB } from '../../../shared/size.ts';
import { cellRamKiB, ramKiB, wholeMiBInKiB } from '../../memory/amounts.ts';
import { cpuErrors } from '../errors.ts';
import type { Cell, Interconnect } from '../schema.ts';
import { distance, LOCAL_DISTANCE } from './distances.ts';
import { hmatOptions, usesHmat } from './hmat.ts';
import { plainBacking, usesPlainNuma } from './plain.ts';

/** `-numa` in all its forms, each cell after the backend of its memory. */
export function numaOptions(cx: EmitContext): Emission {
  const { cpu } = cx.domain;
  const cells = cpu.numa?.cell ?? [];
  if (cells.length === 0) return { options: [] };
  checkSum(cx);
  const isPlain = usesPlainNuma(cx);
  const initiators = usesHmat(cpu) ? initiatorsOf(cells, cpu.numa?.interconnects?.link ?? []) : undefined;
  return concatEmissions([
    isPlain ? plainBacking(cx) : { options: [] },
    ...cells.map((cell) => cellEmission(cell, initiators?.get(cell.id), isPlain, cx)),
    {
      options: [...distanceOptions(cells), ...hmatOptions(cpu)],
      machine: [['hmat', usesHmat(cpu) ? true : undefined]],
    },
  ]);
}

/** `-m` takes whole MiB, and QEMU wants the cells to be all of it. */
function checkSum({ domain, env, report }: EmitContext): void {
  const ofCellsKiB = (domain.cpu.numa?.cell ?? []).reduce(
    (sum, cell) => sum + cellRamKiB(cell.sizeKiB, env),
    0,
  );
  const machineKiB = wholeMiBInKiB(ramKiB(domain, env));
  if (ofCellsKiB !== machineKiB)
    report.add(
      cpuErrors['cells-beside-ram'],
      { cellsKiB: ofCellsKiB, ramKiB: machineKiB },
      whereIs(domain.cpu, 'numa'),
    );
}

function cellEmission(
  cell: Cell,
  initiator: number | undefined,
  isPlain: boolean,
  cx: EmitContext,
): Emission {
  const node = (memory: readonly [string, string | number]) =>
    keysOption('-numa', [
      [null, 'node'],
      ['nodeid', cell.id],
      ...cpuRanges(cell),
      ['initiator', initiator],
      memory,
    ]);
  const sizeKiB = cellRamKiB(cell.sizeKiB, cx.env);
  if (sizeKiB > MOST_KIB)
    cx.report.add(cpuErrors['cell-too-large'], { cell: cell.id }, whereIs(cell, '@memory'));
  if (isPlain) return emits(node(['mem', Math.floor(sizeKiB / 1024)]));
  const { option, host } = cellBackend(cell, sizeKiB, cx);
  return { options: [option, node(['memdev', backendId(cell)])], host };
}

function cpuRanges(cell: Cell): readonly KeyValue[] {
  return ranges(cell.cpus ?? []).map(([first, last]) => [
    'cpus',
    first === last ? `${first}` : `${first}-${last}`,
  ]);
}

function backendId(cell: Cell): string {
  return `ram-node${cell.id}`;
}

function cellBackend(cell: Cell, sizeKiB: number, cx: EmitContext): ReturnType<typeof memoryBackend> {
  const { memoryBacking } = cx.domain;
  const pages = pagesFor(cell.id, undefined, cx);
  return memoryBackend(
    {
      id: backendId(cell),
      fileName: backendId(cell),
      sizeKiB,
      pages,
      access: cell.memAccess ?? memoryBacking?.access?.mode,
      discard: cell.discard ?? memoryBacking?.discard,
      binding: hostBinding(cell.id, undefined, cx),
      prealloc: pages !== undefined || memoryBacking?.allocation?.mode === 'immediate',
      preallocThreads: memoryBacking?.allocation?.threads,
    },
    cx,
  );
}

/**
 * Each cell's initiator (ACPI: the proximity domain that accesses it best): itself if it has CPUs, else the one with the
 * lowest written latency, else the highest bandwidth, else the first that has CPUs.
 */
function initiatorsOf(cells: readonly Cell[], links: readonly Interconnect[]): ReadonlyMap<number, number> {
  const hasCpus = (cell: Cell) => (cell.cpus ?? []).length > 0;
  const first = cells.find(hasCpus)?.id ?? 0;
  return new Map(
    cells.map((cell) => [cell.id, hasCpus(cell) ? cell.id : (bestInitiator(cell, links) ?? first)]),
  );
}

function bestInitiator(cell: Cell, links: readonly Interconnect[]): number | undefined {
  const here = links.filter((link) => link.target === cell.id);
  const latencies = here.filter((link) => link.kind === 'latency');
  const [fastest] = latencies.sort((a, b) => Number(a.value - b.value));
  const [widest] = here.filter((link) => link.kind === 'bandwidth').sort((a, b) => b.valueKiB - a.valueKiB);
  return (fastest ?? widest)?.initiator;
}

/** Every distance, if one is written; those that are not have the SLIT's defaults. */
function distanceOptions(cells: readonly Cell[]): readonly QemuOption[] {
  const areWritten = cells.length > 1 && cells.some((from) => (from.distances?.sibling ?? []).length > 0);
  if (!areWritten) return [];
  return cells.flatMap((from) =>
    cells.map((to) =>
      keysOption('-numa', [
        [null, 'dist'],
        ['src', from.id],
        ['dst', to.id],
        ['val', from.id === to.id ? LOCAL_DISTANCE : distance(from, to)],
      ]),
    ),
  );
}
