import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { fail, messageOf, type QdomError } from '../errors/index.ts';
import type { ProcessIdentity } from '../host/process.ts';
import { openTerminal } from '../host/terminal.ts';
import type { ConsoleEndpoint, Plan } from '../plan/index.ts';
import type { Deadline, MachineContext } from './context.ts';
import { machineErrors } from './errors.ts';
import { consoleLock, machineFiles } from './files.ts';
import { holdLock } from './lock.ts';
import { COMMAND_TIMEOUT_MS, connectSocket, withMonitor } from './monitor.ts';
import { planFromJson } from './plan-file.ts';
import { requireAlive } from './require.ts';

const ATTACHABLE: readonly ConsoleEndpoint['backend'][] = ['pty', 'unix', 'tcp'];

/**
 * Attaches to a serial or console device of a running machine: by its alias (`serial0`), else the first that can be
 * attached to.
 * @throws QdomError `machine/not-running`, `machine/no-console`, `machine/console-in-use`, `machine/console-unreachable`,
 *   `machine/monitor-unreachable`.
 */
export async function attachConsole(
  cx: MachineContext,
  name: string,
  { alias, timeoutMs = COMMAND_TIMEOUT_MS }: Deadline & { alias?: string } = {},
): Promise<Duplex> {
  const { qemu } = requireAlive(cx, name);
  const { consoles } = runningPlan(cx, name);
  const usable = consoles.filter(({ backend }) => ATTACHABLE.includes(backend));
  const chosen = alias === undefined ? usable[0] : usable.find((c) => c.alias === alias);
  if (chosen === undefined) throw noConsole(name, alias, usable);
  const target = await consoleTarget(cx, name, chosen, timeoutMs);
  if (target === undefined) throw noConsole(name, chosen.alias, usable);
  const lock = takeConsole(cx, name, chosen.alias);
  try {
    const stream = await openTarget(cx, target, qemu, timeoutMs);
    return stream.once('close', () => cx.host.closeDescriptor(lock));
  } catch (cause) {
    cx.host.closeDescriptor(lock);
    const reason = messageOf(cause);
    throw fail(machineErrors['console-unreachable'], { name, console: chosen.alias, reason }, { cause });
  }
}

/** Two readers would get some of the bytes each. */
function takeConsole(cx: MachineContext, name: string, alias: string): number {
  const lock = holdLock(cx, consoleLock(machineFiles(cx.directories, name), alias), 'console');
  if (typeof lock === 'number') return lock;
  throw fail(machineErrors['console-in-use'], { name, console: alias, who: lock });
}

/**
 * The plan by which the machine runs.
 * @throws QdomError `machine/state-unreadable`.
 */
export function runningPlan(cx: MachineContext, name: string): Plan {
  const path = machineFiles(cx.directories, name).plan;
  const text = cx.host.readText(path);
  if (text === undefined) throw fail(machineErrors['state-unreadable'], { path, reason: 'it is not there' });
  try {
    return planFromJson(text);
  } catch (cause) {
    throw fail(machineErrors['state-unreadable'], { path, reason: messageOf(cause) }, { cause });
  }
}

type Target =
  | { readonly kind: 'pty' | 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** QEMU knows which pty it got; sockets are in the plan. */
async function consoleTarget(
  cx: MachineContext,
  name: string,
  { backend, chardev, target }: ConsoleEndpoint,
  timeoutMs: number,
): Promise<Target | undefined> {
  if (backend === 'unix' && target !== undefined) return { kind: 'unix', path: target };
  if (backend === 'tcp' && target !== undefined) return tcpTarget(target);
  const chardevs = await withMonitor(cx, name, timeoutMs, (monitor) =>
    monitor.execute('query-chardev', {}, { timeoutMs }),
  );
  const filename = chardevs.find(({ label }) => label === chardev)?.filename;
  return filename?.startsWith('pty:') ? { kind: 'pty', path: filename.slice('pty:'.length) } : undefined;
}

function tcpTarget(target: string): Target | undefined {
  const match = /^\[?(.*?)\]?:(\d+)$/.exec(target);
  const [, host, port] = match ?? [];
  return host === undefined ? undefined : { kind: 'tcp', host, port: Number(port) };
}

async function openTarget(
  cx: MachineContext,
  target: Target,
  qemu: ProcessIdentity,
  timeoutMs: number,
): Promise<Duplex> {
  if (target.kind === 'pty') return openTerminal(cx.host, target.path, qemu);
  const socket =
    target.kind === 'tcp' ? new Socket().connect(target.port, target.host) : connectSocket(target.path);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

function noConsole(name: string, alias: string | undefined, usable: readonly ConsoleEndpoint[]): QdomError {
  return fail(machineErrors['no-console'], {
    name,
    console: alias ?? 'default',
    known: usable.map((c) => c.alias).join(', '),
  });
}
