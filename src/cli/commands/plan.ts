import { compile } from '../../compile/index.ts';
import { type Diagnostic, EXIT_STATUS } from '../../errors/index.ts';
import { type ForeseenStep, foresee } from '../../host/realise.ts';
import { type MachineContext, ownersFor, threadProblems, withSecrets } from '../../machine/index.ts';
import type { Plan, ThreadTuning } from '../../plan/index.ts';
import { argument, type CommandModule, textOption } from '../command.ts';
import { withDomain } from '../compile-input.ts';
import { machinesOf } from '../machines.ts';
import { shellCommand } from '../shell-quote.ts';

/** With recorded facts this host is not looked at, so that nothing speaks against a step. */
export const run: CommandModule['run'] = async (cx, args, options) => {
  const plan = await withDomain(cx, argument(args, 0), options, compile);
  const isHere = textOption(options, 'facts') === undefined;
  const steps = isHere ? await foreseeHere(machinesOf(cx), plan) : await foresee(plan.host, undefined);
  const { name, uuid, binary, threads, afterStart, placement } = plan;
  const threadsCannot = isHere ? threadProblems(machinesOf(cx).host, threads) : [];
  cx.answer(
    { name, uuid, placement, steps, binary, threads, threadProblems: threadsCannot, afterStart },
    () => [printPlan(plan, steps), ...threadsCannot.flatMap(printProblem)].join('\n'),
  );
  const problem = [...steps.flatMap((step) => step.problems), ...threadsCannot][0];
  return problem === undefined ? undefined : EXIT_STATUS[problem.class];
};

function foreseeHere(machines: MachineContext, { host, name }: Plan): Promise<readonly ForeseenStep[]> {
  return foresee(withSecrets(machines, host), { host: machines.host, owners: ownersFor(machines, name) });
}

function printPlan({ binary, threads, afterStart, placement }: Plan, steps: readonly ForeseenStep[]): string {
  const numbered = [
    ...steps.map(printStep),
    [`start ${shellCommand(binary, [])}, its guest stopped`],
    ...afterStart.map(({ execute }) => [`QMP ${execute}`]),
    ...threads.map((tuning) => [printThread(tuning)]),
  ];
  const place =
    placement === undefined ? [] : [`placed on host node ${placement.nodes}, chosen by ${placement.by}`];
  const lines = numbered.map(([first = '', ...rest], index) =>
    [`${String(index + 1).padStart(3)}. ${first}`, ...rest.map((line) => `     ${line}`)].join('\n'),
  );
  return [...place, ...lines].join('\n');
}

function printThread({ thread, cpus, scheduler, group, shares }: ThreadTuning): string {
  const { policy, priority } = scheduler ?? {};
  return [
    thread.kind === 'emulator' ? "the emulator's threads" : `the thread of ${thread.kind} ${thread.id}`,
    ...(group === undefined ? [] : [`in the cgroup '${group}'`]),
    ...(shares === undefined ? [] : [`with the share of ${shares[0]}`]),
    ...(cpus === undefined ? [] : [`on CPUs ${cpus}`]),
    ...(policy === undefined ? [] : [`scheduled ${policy}`]),
    ...(priority === undefined ? [] : [`with priority ${priority}`]),
  ].join(' ');
}

function printStep({ act, undo, from, owns, shares, problems }: ForeseenStep): readonly string[] {
  const line = from?.at === undefined ? '' : ` (line ${from.at.line})`;
  return [
    `${act}${line}`,
    `undo: ${undo}`,
    ...owns.map((resource) => `only for this machine: ${resource}`),
    ...shares.map((resource) => `shared with other machines: ${resource}`),
    ...problems.flatMap(problemLines),
  ];
}

function problemLines({ message, hint }: Diagnostic): readonly string[] {
  return [`cannot: ${message}`, ...(hint === undefined ? [] : [`        ${hint}`])];
}

function printProblem(problem: Diagnostic): readonly string[] {
  return problemLines(problem).map((line) => `     ${line}`);
}
