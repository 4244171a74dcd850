import { type QemuCaps, schemaHas } from '../../plan/index.ts';

/** Whether QEMU tells clusters of CPUs apart: `-smp` has known the word for longer than vCPUs have had a number for it. */
export function tellsClusters(caps: QemuCaps): boolean {
  return schemaHas(caps, 'set-numa-node', 'cluster-id');
}
