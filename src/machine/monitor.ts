import { Socket } from 'node:net';
import { fail, messageOf } from '../errors/index.ts';
import { withShortPath } from '../host/short-path.ts';
import { QmpClient } from '../qmp/client.ts';
import type { MachineContext } from './context.ts';
import { machineErrors } from './errors.ts';
import { machineFiles } from './files.ts';
import { requireAlive } from './require.ts';

/** How long a monitor command of ours may take unless the operation says otherwise. */
export const COMMAND_TIMEOUT_MS = 10_000;

/** A socket that is being connected to a path of any length. */
export function connectSocket(path: string): Socket {
  const socket = new Socket();
  // An error may come before whoever gets the socket listens; a destroyed socket tells it all the same.
  socket.on('error', () => {});
  // The path is looked up inside connect(), before this returns.
  withShortPath(path, (short) => socket.connect({ path: short }));
  return socket;
}

/** @throws QmpError */
export function connectMonitor(path: string, timeoutMs: number, signal?: AbortSignal): Promise<QmpClient> {
  const target = { stream: connectSocket(path), name: path };
  return QmpClient.connect(target, { timeoutMs, ...(signal && { signal }) });
}

/**
 * Runs `use` with the monitor of a running machine, and closes it.
 * @throws QdomError `machine/not-found`, `machine/not-running`, `machine/monitor-unreachable`.
 */
export async function withMonitor<T>(
  cx: MachineContext,
  name: string,
  timeoutMs: number,
  use: (monitor: QmpClient) => Promise<T>,
): Promise<T> {
  requireAlive(cx, name);
  const monitor = await connectOrExplain(cx, name, timeoutMs);
  try {
    return await use(monitor);
  } finally {
    await monitor.close();
  }
}

async function connectOrExplain(cx: MachineContext, name: string, timeoutMs: number): Promise<QmpClient> {
  try {
    return await connectMonitor(machineFiles(cx.directories, name).qmpSocket, timeoutMs);
  } catch (cause) {
    requireAlive(cx, name);
    const reason = messageOf(cause);
    throw fail(machineErrors['monitor-unreachable'], { name, reason }, { cause });
  }
}
