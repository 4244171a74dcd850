import type { CompileEnv } from '../../../plan/index.ts';

/** A program that draws beside QEMU, as its descriptor names it (QEMU's docs/interop/vhost-user.json). */
export interface VhostUserGpu {
  readonly binary: string;
}

/** The first installed program of type `gpu`; undefined if there is none. */
export function vhostUserGpu({ facts }: CompileEnv): VhostUserGpu | undefined {
  for (const { content } of facts.vhostUser) {
    if (typeof content !== 'object' || content === null) continue;
    const { type, binary } = content as { readonly type?: unknown; readonly binary?: unknown };
    if (type === 'gpu' && typeof binary === 'string') return { binary };
  }
  return undefined;
}
