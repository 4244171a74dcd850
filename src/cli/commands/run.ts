import {
  attachConsole,
  destroyMachine,
  type MachineContext,
  type MachineStatus,
  machineEvents,
  machineStatus,
  resumeMachine,
} from '../../machine/index.ts';
import { type Plan, printArgv } from '../../plan/index.ts';
import { coloursFor } from '../colours.ts';
import { argument, type CommandModule } from '../command.ts';
import { joinTerminal } from '../console.ts';
import { type CliContext, signalStatus } from '../context.ts';
import { readInput } from '../input.ts';
import { machinesOf, startOptions } from '../machines.ts';
import { printEvent } from '../print-event.ts';
import { shellCommand } from '../shell-quote.ts';
import { startDomain } from '../start-domain.ts';
import { writeErr } from '../streams.ts';

const colours = coloursFor(process.stderr);

/** The console's last words are still in its pipe when QEMU is gone. */
const DRAIN_TIMEOUT_MS = 5_000;

export const run: CommandModule['run'] = async (cx, args, options) => {
  const input = await readInput(cx, argument(args, 0));
  const machines = machinesOf(cx);
  const verbose = options.verbose === true;
  const { plan } = await startDomain(cx, input, machines, {
    paused: true,
    ...startOptions(cx, options),
    ...(verbose && { onPlan: (plan) => describe(cx, plan) }),
  });
  try {
    return await attend(cx, machines, plan, verbose);
  } finally {
    // However this ends, a machine in the foreground does not outlive its command.
    await endIfAlive(machines, plan.name);
  }
};

async function attend(
  cx: CliContext,
  machines: MachineContext,
  plan: Plan,
  verbose: boolean,
): Promise<number> {
  const { name } = plan;
  const attachable = plan.consoles.some(({ backend }) => ['pty', 'unix', 'tcp'].includes(backend));
  const console = attachable ? await attachConsole(machines, name) : undefined;
  if (console !== undefined && process.stdin.isTTY) cx.note(`Connected to '${name}'; ^] ends it`);
  const joined = console === undefined ? undefined : joinTerminal(console, cx.signal);
  const following = new AbortController();
  const events = followEvents(cx, machines, name, AbortSignal.any([cx.signal, following.signal]), verbose);
  await resumeMachine(machines, name);
  // The console may close before QEMU has ended; only leaving it on purpose ends the machine.
  const left = joined?.then((reason) => (reason === 'closed' ? events : undefined));
  await Promise.race(left === undefined ? [events] : [events, left]);
  if (joined !== undefined) await Promise.race([joined, deadline(DRAIN_TIMEOUT_MS)]);
  following.abort();
  console?.destroy();
  if (cx.signal.aborted || (await isAlive(machines, name))) {
    await endIfAlive(machines, name);
    return signalStatus(cx.signal) ?? 0;
  }
  return conclude(cx, await machineStatus(machines, name).catch(() => undefined), verbose);
}

async function followEvents(
  cx: CliContext,
  machines: MachineContext,
  name: string,
  signal: AbortSignal,
  verbose: boolean,
): Promise<void> {
  for await (const event of machineEvents(machines, name, { follow: true, signal })) {
    if (cx.json) writeErr(`${JSON.stringify(event)}\n`);
    else if (verbose) cx.note(colours.dim(printEvent(event)));
  }
}

function describe(cx: CliContext, plan: Plan): void {
  const how = plan.accel === 'kvm' ? 'KVM' : 'TCG (emulation)';
  cx.note(colours.bold(`Domain '${plan.name}', run by ${plan.binary} with ${how}:`));
  cx.note(shellCommand(plan.binary, printArgv(plan.options)));
  cx.note(colours.bold('Console and life-cycle events:'));
}

/** QEMU's exit status, and 1 where the guest crashed although QEMU ended well. */
function conclude(cx: CliContext, status: MachineStatus | undefined, verbose: boolean): number {
  const reason = status?.reason ?? 'shutdown';
  const exitStatus = status?.exitStatus ?? 0;
  if (verbose) cx.note(colours.bold(`Ended: ${reason}, QEMU's exit status ${exitStatus}`));
  if (exitStatus !== 0) return exitStatus;
  return reason === 'crashed' || reason === 'failed' ? 1 : 0;
}

async function isAlive(machines: MachineContext, name: string): Promise<boolean> {
  const status = await machineStatus(machines, name).catch(() => undefined);
  return status?.pid !== undefined;
}

async function endIfAlive(machines: MachineContext, name: string): Promise<void> {
  if (await isAlive(machines, name)) await destroyMachine(machines, name);
}

function deadline(timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, timeoutMs).unref();
  });
}
