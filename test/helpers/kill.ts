import { identify, waitForEnd } from '../../src/host/process.ts';
import { realHost } from '../../src/host/real.ts';

const TIMEOUT_MS = 20_000;

/**
 * `kill -9`, and waits until the kernel says that it is dead: a process that is only being ended has lost its files and its
 * command line and is still alive to whoever asks.
 */
export async function kill(...pids: readonly number[]): Promise<void> {
  const host = realHost();
  for (const pid of pids) {
    const process_ = identify(host, pid);
    process.kill(pid, 'SIGKILL');
    if (process_ !== undefined && !(await waitForEnd(host, process_, TIMEOUT_MS)))
      throw new Error(`process ${pid} cannot be killed`);
  }
}
