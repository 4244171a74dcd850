import { compile } from '../compile/index.ts';
import { QdomError } from '../errors/index.ts';
import type { MachineContext, StartedMachine, StartOptions } from '../machine/index.ts';
import type { Plan } from '../plan/index.ts';
import { withDomainText } from './compile-input.ts';
import type { CliContext } from './context.ts';
import type { InputText } from './input.ts';
import { startFrom } from './machines.ts';
import { SourcedError } from './sourced-error.ts';

interface StartedDomain {
  readonly plan: Plan;
  readonly started: StartedMachine;
}

interface HowToStart extends StartOptions {
  /** Told of each plan before it is started. */
  readonly onPlan?: (plan: Plan) => void;
}

/** More machines than these are not started at once. */
const MOST_TRIES = 20;

/**
 * Compiles a domain for this host and starts it. Where another machine was faster to take the port that was chosen for a
 * display, another port is chosen.
 */
export async function startDomain(
  cx: CliContext,
  input: InputText,
  machines: MachineContext,
  { onPlan = () => {}, ...options }: HowToStart,
): Promise<StartedDomain> {
  let plan = await withDomainText(cx, input, {}, compile);
  for (let tries = 1; ; tries++) {
    onPlan(plan);
    try {
      return { plan, started: await startFrom(input, machines, plan, options) };
    } catch (error) {
      const next = tries < MOST_TRIES && isPortTaken(error) ? await compileAgain(cx, input) : plan;
      // A port that is written stays the same.
      if (portsOf(next) === portsOf(plan)) throw error;
      plan = next;
    }
  }
}

function isPortTaken(error: unknown): boolean {
  const { inner } = error instanceof SourcedError ? error : { inner: error };
  return (
    inner instanceof QdomError &&
    inner.diagnostics.every(
      ({ code, path = '' }) => PORT_TAKEN.includes(code) && path.includes('/devices/graphics'),
    )
  );
}

const PORT_TAKEN = ['host/taken', 'network/port-in-use'];

/** What it warns of has been told. */
function compileAgain(cx: CliContext, input: InputText): Promise<Plan> {
  return withDomainText(cx, input, {}, (document, env) => ({ ...compile(document, env), warnings: [] }));
}

function portsOf({ host }: Plan): string {
  return JSON.stringify(host.filter(({ type }) => type === 'port'));
}
