import type { HostFacts } from '../../plan/index.ts';
import type { Domain } from '../domain.ts';
import { type NumberSet, readNumberSet } from './number-set.ts';

/** The host nodes that are advised for a domain that is placed automatically (format: "CPU Allocation", `placement`). */
export function advisedNodes({ numa }: HostFacts): NumberSet | undefined {
  return readNumberSet(numa.advisedNodeset ?? '');
}

/** Their CPUs. */
export function advisedCpus(facts: HostFacts): NumberSet | undefined {
  const nodes = advisedNodes(facts);
  if (nodes === undefined) return undefined;
  const cpus = facts.numa.cells
    .filter(({ id }) => nodes.includes(id))
    .flatMap((cell) => readNumberSet(cell.cpus) ?? []);
  return cpus.length === 0 ? undefined : cpus.sort((a, b) => a - b);
}

/** The domain with its places written beside `placement='auto'`; undefined for one that leaves nothing open. */
export function placed(domain: Domain, facts: HostFacts): Domain | undefined {
  const { vcpu, numatune } = domain;
  const memory = numatune?.memory;
  const nodeset = advisedNodes(facts);
  const isMemoryOpen = memory?.placement === 'auto';
  if (nodeset === undefined || (vcpu.placement !== 'auto' && !isMemoryOpen)) return undefined;
  const cpuset = vcpu.placement === 'auto' ? advisedCpus(facts) : undefined;
  return {
    ...domain,
    ...(cpuset !== undefined && { vcpu: { ...vcpu, cpuset } }),
    ...(isMemoryOpen && { numatune: { ...numatune, memory: { ...memory, nodeset } } }),
  } as Domain;
}
