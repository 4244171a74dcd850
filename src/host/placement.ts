import { findProgram } from './programs.ts';
import type { HostSystem } from './system.ts';

/** The host nodes for a domain that is placed automatically, and who says so. */
export interface Advice {
  /** `0-1` */
  readonly nodeset: string;
  readonly by: 'numad' | 'free memory and CPUs';
}

export interface PlacementNeeds {
  readonly vcpus: number;
  readonly memoryKiB: number;
}

const NUMAD_TIMEOUT_MS = 10_000;
const KIB_OF_MIB = 1024;

/**
 * Asks numad where it is installed (numad(8), `-w`), else looks for itself: the node with the most free memory of those
 * that have room for all, or as few nodes as have it together. Undefined on a host without NUMA nodes.
 */
export async function adviseNodes(needs: PlacementNeeds, host: HostSystem): Promise<Advice | undefined> {
  return (await askNumad(needs, host)) ?? chooseNodes(needs, host);
}

async function askNumad({ vcpus, memoryKiB }: PlacementNeeds, host: HostSystem): Promise<Advice | undefined> {
  const numad = findProgram(host, 'numad');
  if (numad === undefined) return undefined;
  const wanted = `${vcpus}:${Math.ceil(memoryKiB / KIB_OF_MIB)}`;
  const { exitCode, stdout } = await host.run(numad, ['-w', wanted], { timeoutMs: NUMAD_TIMEOUT_MS });
  const nodeset = stdout.trim();
  return exitCode === 0 && /^\d[\d,-]*$/.test(nodeset) ? { nodeset, by: 'numad' } : undefined;
}

interface Node {
  readonly id: number;
  readonly cpus: number;
  readonly freeKiB: number;
}

function chooseNodes({ vcpus, memoryKiB }: PlacementNeeds, host: HostSystem): Advice | undefined {
  const nodes = [...nodesOf(host)].sort((a, b) => b.freeKiB - a.freeKiB || a.id - b.id);
  const one = nodes.find((node) => node.cpus >= vcpus && node.freeKiB >= memoryKiB);
  const chosen = one === undefined ? together(nodes, { vcpus, memoryKiB }) : [one];
  const ids = chosen.map(({ id }) => id).sort((a, b) => a - b);
  return ids.length === 0 ? undefined : { nodeset: ids.join(','), by: 'free memory and CPUs' };
}

/** The first nodes that have enough together; all where that is never enough. */
function together(nodes: readonly Node[], needs: PlacementNeeds): readonly Node[] {
  const rest = { ...needs };
  return nodes.filter((node) => {
    if (rest.vcpus <= 0 && rest.memoryKiB <= 0) return false;
    rest.vcpus -= node.cpus;
    rest.memoryKiB -= node.freeKiB;
    return true;
  });
}

const NODES = '/sys/devices/system/node';

/** Nodes with memory (Documentation/ABI/stable/sysfs-devices-node). */
function nodesOf(host: HostSystem): readonly Node[] {
  return host.listDirectory(NODES).flatMap((name) => {
    const id = /^node(\d+)$/.exec(name)?.[1];
    if (id === undefined) return [];
    const meminfo = host.readText(`${NODES}/${name}/meminfo`) ?? '';
    const of = (what: string) => Number(new RegExp(`${what}:\\s*(\\d+) kB`).exec(meminfo)?.[1] ?? 0);
    const cpus = countCpus(host.readText(`${NODES}/${name}/cpulist`) ?? '');
    // What files are cached in is given up for a guest; shared memory is not.
    const freeKiB = of('MemFree') + Math.max(of('FilePages') - of('Shmem'), 0);
    return of('MemTotal') === 0 ? [] : [{ id: Number(id), cpus, freeKiB }];
  });
}

/** How many CPUs `0-3,8` is. */
function countCpus(list: string): number {
  const parts = list.trim().split(',').filter(Boolean);
  return parts.reduce((all, part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return all + last - first + 1;
  }, 0);
}
