import { Secret } from '../errors/index.ts';
import type { Plan } from '../plan/index.ts';

const BIGINT = '$bigint';
const SECRET = '$secret';

/**
 * The plan as JSON; a bigint is `{"$bigint": "…"}`. A secret is written out: the file is for the machine's owner
 * alone, who needs it to start the machine again.
 */
export function planToJson(plan: Plan): string {
  return JSON.stringify(plan, function (this: Readonly<Record<string, unknown>>, key, value: unknown) {
    const raw = this[key];
    if (raw instanceof Secret) return { [SECRET]: raw.reveal() };
    return typeof value === 'bigint' ? { [BIGINT]: value.toString() } : value;
  });
}

/** @throws SyntaxError where the text is not such a plan. */
export function planFromJson(text: string): Plan {
  const plan: unknown = JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if (SECRET in value) return new Secret(String(value[SECRET]));
    return BIGINT in value ? BigInt(String(value[BIGINT])) : value;
  });
  if (!isPlan(plan)) throw new SyntaxError('it is no plan');
  return plan;
}

function isPlan(value: unknown): value is Plan {
  const { options, host, consoles, lifecycle } = (value ?? {}) as Partial<Plan>;
  return [options, host, consoles].every(Array.isArray) && typeof lifecycle === 'object';
}
