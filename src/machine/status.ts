import { fail, messageOf, QdomError } from '../errors/index.ts';
import type { EndedHelper } from '../host/helper.ts';
import type { Deadline, MachineContext } from './context.ts';
import { definedMachines, findDefinition } from './definitions.ts';
import { lastEnd } from './end.ts';
import { machineErrors } from './errors.ts';
import { machineFiles, machinesDirectory } from './files.ts';
import { lostHelpers } from './helpers.ts';
import type { EndReason } from './judge.ts';
import { withLock } from './lock.ts';
import { connectMonitor } from './monitor.ts';
import { checkName } from './names.ts';
import { isDefined } from './require.ts';
import { cleanUpAndRestart } from './start.ts';
import { type Observation, observe } from './state.ts';

/** virsh's words, and two that libvirtd's presence hides: `starting`, and `no answer` for a hung monitor. */
export type DomainState =
  | 'running'
  | 'paused'
  | 'in shutdown'
  | 'shut off'
  | 'crashed'
  | 'pmsuspended'
  | 'starting'
  | 'no answer';

export interface MachineStatus {
  readonly name: string;
  readonly uuid: string;
  readonly state: DomainState;
  /** QEMU's run state, or how it ended (`shutdown`, `destroyed`, `crashed`, `failed`), or why it does not answer. */
  readonly reason?: string;
  readonly persistent: boolean;
  readonly pid?: number;
  /** ISO 8601. */
  readonly startedAt?: string;
  /** QEMU's exit status of the last run. */
  readonly exitStatus?: number;
  /** Programs beside QEMU that have ended before it. */
  readonly lostHelpers?: readonly EndedHelper[];
}

const STATUS_TIMEOUT_MS = 3_000;
/** Somebody who has the machine is at work on it: what is seen is reported as it is. */
const PEEK_TIMEOUT_MS = 0;

/**
 * What is really there: process, start time and monitor agree, or it says what does not. A dead machine that nobody has
 * cleaned up is cleaned up first.
 * @throws QdomError `machine/not-found`, `machine/bad-name`.
 */
export async function machineStatus(
  cx: MachineContext,
  name: string,
  { timeoutMs = STATUS_TIMEOUT_MS }: Deadline = {},
): Promise<MachineStatus> {
  checkName(name);
  const seen = await observeInOrder(cx, name);
  const persistent = isDefined(cx, name);
  if (seen.kind === 'alive') return aliveStatus(cx, name, seen, persistent, timeoutMs);
  if (seen.kind === 'unfinished')
    return { name, uuid: seen.state?.uuid ?? '', state: 'starting', persistent };
  const definition = findDefinition(cx, name);
  const end = lastEnd(cx, name);
  const uuid = definition?.uuid ?? (seen.kind === 'dead' ? seen.state.uuid : undefined);
  if (uuid === undefined) throw fail(machineErrors['not-found'], { name });
  return {
    name,
    uuid,
    state: 'shut off',
    persistent,
    ...(end && { reason: end.reason satisfies EndReason }),
    ...(end?.exitStatus !== undefined && { exitStatus: end.exitStatus }),
  };
}

/** Each that is looked at takes a connection to its monitor. */
const AT_ONCE = 32;

/** Every machine that runs or is defined, by name. A machine that ends while it is looked at is left out. */
export async function listMachines(cx: MachineContext, deadline: Deadline = {}): Promise<MachineStatus[]> {
  const running = cx.host.listDirectory(machinesDirectory(cx.directories));
  const defined = definedMachines(cx).map(({ name }) => name);
  const names = [...new Set([...running, ...defined])].sort();
  const statuses: (MachineStatus | undefined)[] = [];
  for (let i = 0; i < names.length; i += AT_ONCE) {
    const some = names.slice(i, i + AT_ONCE);
    statuses.push(...(await Promise.all(some.map((name) => listed(cx, name, deadline)))));
  }
  return statuses.filter((status) => status !== undefined);
}

/** The names under which nothing is, or never can be. */
const NOBODY: readonly unknown[] = ['machine/not-found', 'machine/bad-name'];

/** One that cannot be looked at is there all the same. */
async function listed(
  cx: MachineContext,
  name: string,
  deadline: Deadline,
): Promise<MachineStatus | undefined> {
  try {
    return await machineStatus(cx, name, deadline);
  } catch (error) {
    if (error instanceof QdomError && NOBODY.includes(error.primary?.code)) return undefined;
    return { name, uuid: '', state: 'no answer', reason: messageOf(error), persistent: isDefined(cx, name) };
  }
}

/** The machine as it is after what was dead is cleaned up, unless somebody else is at it. */
async function observeInOrder(cx: MachineContext, name: string): Promise<Observation> {
  const files = machineFiles(cx.directories, name);
  const seen = observe(cx.host, files);
  if (seen.kind !== 'dead' && seen.kind !== 'unfinished') return seen;
  try {
    await withLock(cx, name, 'clean up', PEEK_TIMEOUT_MS, () => cleanUpAndRestart(cx, name));
  } catch {
    // Busy, or not to be undone: the operations that change the machine report it.
  }
  return observe(cx.host, files);
}

async function aliveStatus(
  cx: MachineContext,
  name: string,
  { state, qemu }: Observation & { kind: 'alive' },
  persistent: boolean,
  timeoutMs: number,
): Promise<MachineStatus> {
  const files = machineFiles(cx.directories, name);
  const lost = lostHelpers(cx.host, files);
  const known = {
    ...{ name, uuid: state.uuid, persistent, pid: qemu.pid },
    ...(state.startedAt !== undefined && { startedAt: state.startedAt }),
    ...(lost.length > 0 && { lostHelpers: lost }),
  };
  try {
    const monitor = await connectMonitor(files.qmpSocket, timeoutMs);
    try {
      const { status } = await monitor.execute('query-status', {}, { timeoutMs });
      return { ...known, state: domainState(status), reason: status };
    } finally {
      await monitor.close();
    }
  } catch (error) {
    return { ...known, state: 'no answer', reason: messageOf(error) };
  }
}

/** QAPI's RunState in virsh's words. */
function domainState(runState: string): DomainState {
  switch (runState) {
    case 'running':
      return 'running';
    case 'shutdown':
      return 'in shutdown';
    case 'guest-panicked':
      return 'crashed';
    case 'suspended':
      return 'pmsuspended';
    default:
      return 'paused';
  }
}
