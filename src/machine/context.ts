import type { HostSystem } from '../host/system.ts';
import type { Directories } from './directories.ts';

/** What every operation on machines needs. */
export interface MachineContext {
  readonly directories: Directories;
  readonly host: HostSystem;
  /**
   * What the waiting shell runs after QEMU's end, `--` and the machine's name added: `[node, cli.js, 'reap']`. With none, an
   * ended machine is cleaned up by the next operation.
   */
  readonly reapCommand: readonly string[];
}

/** Every operation has a deadline. */
export interface Deadline {
  readonly timeoutMs?: number;
}
