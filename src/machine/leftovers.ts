import type { MachineContext } from './context.ts';
import { reapMachine } from './control.ts';
import type { MachineEnd } from './end.ts';
import { machineFiles, machinesDirectory } from './files.ts';
import { giveBackFiles } from './owners.ts';
import { observe } from './state.ts';

/** What an earlier command or a crash has left. */
export interface Leftover {
  readonly name: string;
  /** A start that did not come to its end, or a machine that ended and was not cleaned up. */
  readonly kind: 'unfinished' | 'dead';
}

export function findLeftovers(cx: MachineContext): Leftover[] {
  return cx.host.listDirectory(machinesDirectory(cx.directories)).flatMap((name) => {
    const { kind } = observe(cx.host, machineFiles(cx.directories, name));
    return kind === 'dead' || kind === 'unfinished' ? [{ name, kind }] : [];
  });
}

export interface Reaped {
  /** The machine; of a file that QEMU's user still has, or that is still there, its path. */
  readonly name: string;
  readonly end?: MachineEnd;
  /** Why it could not be cleaned up. */
  readonly error?: unknown;
}

/** Cleans up after every machine that is not alive; goes on past those where it fails. */
export async function reapAll(cx: MachineContext): Promise<Reaped[]> {
  const reaped: Reaped[] = (await giveBackFiles(cx)).map(({ path, error }) => ({ name: path, error }));
  for (const { name } of findLeftovers(cx)) {
    try {
      const end = await reapMachine(cx, name);
      reaped.push({ name, ...(end && { end }) });
    } catch (error) {
      reaped.push({ name, error });
    }
  }
  return reaped;
}
