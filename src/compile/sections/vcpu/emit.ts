import { hasOption, keysOption, type QmpCall } from '../../../plan/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { tellsClusters } from '../../shared/cpu-clusters.ts';
import { cpuType } from '../cpu/emit.ts';
import { onlineVcpus } from './resolve.ts';

/** `-smp`: how many CPUs, how many at most, and where they sit; the rest is plugged in before the guest runs. */
export function smpOption(cx: EmitContext): Emission {
  const { vcpu, cpu } = cx.domain;
  const { caps } = cx.env;
  const { topology } = cpu;
  const { fixed, plugged } = onlineVcpus(cx.domain);
  const option = keysOption('-smp', [
    [null, fixed],
    ['maxcpus', fixed < vcpu.count ? vcpu.count : undefined],
    ['sockets', topology?.sockets ?? vcpu.count],
    ['dies', topology && hasOption(caps, 'smp-opts', 'dies') ? topology.dies : undefined],
    ['clusters', topology && tellsClusters(caps) ? topology.clusters : undefined],
    ['cores', topology?.cores ?? 1],
    ['threads', topology?.threads ?? 1],
  ]);
  return { options: [option], afterStart: plugged.map(({ id }) => plugCall(id, cx)) };
}

/** `device_add` of one vCPU: its place in the topology follows from its number, threads first. */
function plugCall(id: number, cx: EmitContext): QmpCall {
  const { cpu } = cx.domain;
  const { dies = 1, clusters = 1, cores = 1, threads = 1 } = cpu.topology ?? {};
  const core = Math.floor(id / threads);
  const cluster = Math.floor(core / cores);
  const die = Math.floor(cluster / clusters);
  return {
    execute: 'device_add',
    arguments: {
      driver: cpuType(cpu, cx),
      id: `vcpu${id}`,
      'socket-id': Math.floor(die / dies),
      ...(dies > 1 && { 'die-id': die % dies }),
      'core-id': core % cores,
      'thread-id': id % threads,
    },
  };
}
