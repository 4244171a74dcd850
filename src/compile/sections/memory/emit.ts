import { keysOption, type QemuOption } from '../../../plan/index.ts';
import { type Emission, type EmitContext, emits } from '../../context.ts';
import type { Domain } from '../../domain.ts';
import { hostBinding } from '../../shared/host-binding.ts';
import { machineInfo } from '../../shared/machine-type.ts';
import { memoryBackend } from '../../shared/memory-backend.ts';
import { pagesFor } from '../../shared/memory-paths.ts';
import { checkNodesOfHost } from '../numatune/validate.ts';
import { maximumKiB, ramKiB, wholeMiBInKiB } from './amounts.ts';

/** The backend of the machine's RAM where no NUMA cells share it out; also `-machine memory-backend=…`. */
export function ramBackendId(domain: Domain, cx: EmitContext): string | undefined {
  if ((domain.cpu.numa?.cell ?? []).length > 0) return undefined;
  return machineInfo(domain, cx)?.defaultRamId;
}

/** `-m`, and what is behind RAM that is not shared out to NUMA cells. */
export function memoryOptions(cx: EmitContext): Emission {
  if (cx.domain.numatune !== undefined) checkNodesOfHost(cx.domain.numatune, cx);
  const size = sizeOption(cx);
  const id = ramBackendId(cx.domain, cx);
  if (id !== undefined) {
    const { option, host } = machineRam(id, cx);
    return { options: [size, option], host };
  }
  return emits(size);
}

function sizeOption(cx: EmitContext): QemuOption {
  const { maxMemory } = cx.domain;
  return keysOption('-m', [
    ['size', `${wholeMiBInKiB(ramKiB(cx.domain, cx.env))}k`],
    ['slots', maxMemory?.slots === 0 ? undefined : maxMemory?.slots],
    ['maxmem', maxMemory && `${maximumKiB(maxMemory.sizeKiB, cx.env)}k`],
  ]);
}

function machineRam(id: string, cx: EmitContext): ReturnType<typeof memoryBackend> {
  const { memoryBacking } = cx.domain;
  const pages = pagesFor(undefined, undefined, cx);
  return memoryBackend(
    {
      id,
      fileName: id,
      sizeKiB: ramKiB(cx.domain, cx.env),
      isMachineRam: true,
      pages,
      access: memoryBacking?.access?.mode,
      discard: memoryBacking?.discard,
      binding: hostBinding(undefined, undefined, cx),
      prealloc: pages !== undefined || memoryBacking?.allocation?.mode === 'immediate',
      preallocThreads: memoryBacking?.allocation?.threads,
    },
    cx,
  );
}

/** `-overcommit`: whether the guest's memory is locked in RAM; and whether the kernel may share equal pages of it. */
export function overcommitOption(cx: EmitContext): Emission {
  const { locked, nosharepages } = cx.domain.memoryBacking ?? {};
  return {
    options: [keysOption('-overcommit', [['mem-lock', locked === true]])],
    machine: [['mem-merge', nosharepages ? false : undefined]],
  };
}
