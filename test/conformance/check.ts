import { jsonText } from '../../src/cli/json.ts';
import { compile, normalize } from '../../src/compile/index.ts';
import { QdomError } from '../../src/errors/index.ts';
import { printArgv } from '../../src/plan/index.ts';
import { schemaProblems } from '../helpers/qapi.ts';
import { type ConformanceCase, type Environments, readCaseFile, SETTINGS } from './cases.ts';
import { canonicalArgv, diffLists, diffXml, recordedArgv } from './compare.ts';

/**
 * `setting`: the argv, with the setting that it was recorded with. `again`: normalized XML reads back as itself and compiles to the
 * same argv. `schema`: QEMU takes every JSON option.
 */
export const OUTCOME_KINDS = ['argv', 'setting', 'reject', 'normalized', 'again', 'schema'] as const;
export type OutcomeKind = (typeof OUTCOME_KINDS)[number];

export interface Outcome {
  readonly kind: OutcomeKind;
  readonly id: string;
  readonly ok: boolean;
  readonly crash: boolean;
  /** For a refusal: the message contains a value that the recorded message quotes. */
  readonly namesCulprit?: boolean;
  readonly details: readonly string[];
}

/** Runs one case in this process: the same judgement as the kit's own runner, without starting programs. */
export function checkCase(c: ConformanceCase, environments: Environments): readonly Outcome[] {
  const xml = readCaseFile(c.xml);
  const env = environments.of(c);
  const compiled =
    c.kind === 'reject'
      ? [checkRefusal(c, xml, env)]
      : [checkArgv('argv', c, xml, env), checkAgain(c, xml, env), checkSchema(c, xml, env)];
  const setting = SETTINGS[c.id];
  if (setting !== undefined)
    compiled.push(checkArgv('setting', c, xml, { ...env, config: { ...env.config, ...setting } }));
  return c.normalized === undefined ? compiled : [...compiled, checkNormalized(c, c.normalized, xml, env)];
}

type Env = ReturnType<Environments['of']>;

function checkArgv(kind: 'argv' | 'setting', c: ConformanceCase, xml: string, env: Env): Outcome {
  const base = { kind, id: c.id };
  const answer = attempt(() => {
    const plan = compile(xml, env, c.xml);
    jsonText(plan);
    return printArgv(plan.options, ({ fd }) => String(fd.length));
  });
  if ('error' in answer) return { ...base, ok: false, crash: answer.crash, details: answer.error };
  const details = diffLists(
    canonicalArgv(answer.value, xml),
    canonicalArgv(recordedArgv(readCaseFile(c.expected)), xml),
  );
  return { ...base, ok: details.length === 0, crash: false, details };
}

function checkRefusal(c: ConformanceCase, xml: string, env: Env): Outcome {
  const base = { kind: 'reject', id: c.id } as const;
  const wanted = readCaseFile(c.expected).trim();
  const answer = attempt(() => compile(xml, env, c.xml));
  if (!('error' in answer))
    return { ...base, ok: false, crash: false, details: [`accepted; wanted: ${wanted}`] };
  const quoted = [...wanted.matchAll(/'([^']+)'/g)].map(([, value]) => value ?? '');
  const namesCulprit = quoted.length === 0 || quoted.some((q) => answer.error.join('\n').includes(q));
  return {
    ...base,
    ok: !answer.crash,
    crash: answer.crash,
    namesCulprit,
    details: [`wanted: ${wanted}`, ...answer.error],
  };
}

function checkNormalized(c: ConformanceCase, expected: string, xml: string, env: Env): Outcome {
  const base = { kind: 'normalized', id: c.id } as const;
  const answer = attempt(() => normalize(xml, env, c.xml).xml);
  if ('error' in answer) return { ...base, ok: false, crash: answer.crash, details: answer.error };
  const details = diffXml(answer.value, readCaseFile(expected));
  return { ...base, ok: details.length === 0, crash: false, details };
}

function checkAgain(c: ConformanceCase, xml: string, env: Env): Outcome {
  const base = { kind: 'again', id: c.id } as const;
  const answer = attempt(() => {
    const first = compile(xml, env);
    const second = compile(first.domainXml, env);
    return [
      ...diffXml(second.domainXml, first.domainXml),
      ...(second.domainXml === first.domainXml ? [] : ['normalizing again prints something else']),
      ...diffLists(printArgv(second.options), printArgv(first.options)),
    ];
  });
  if ('error' in answer) return { ...base, ok: false, crash: answer.crash, details: answer.error };
  return { ...base, ok: answer.value.length === 0, crash: false, details: answer.value };
}

function checkSchema(c: ConformanceCase, xml: string, env: Env): Outcome {
  const base = { kind: 'schema', id: c.id } as const;
  const answer = attempt(() => schemaProblems(compile(xml, env).options, env.caps));
  if ('error' in answer) return { ...base, ok: false, crash: answer.crash, details: answer.error };
  return { ...base, ok: answer.value.length === 0, crash: false, details: answer.value };
}

function attempt<T>(action: () => T): { value: T } | { error: string[]; crash: boolean } {
  try {
    return { value: action() };
  } catch (error) {
    if (!(error instanceof QdomError)) return { error: [String((error as Error).stack)], crash: true };
    const errors = error.diagnostics.filter((d) => d.severity === 'error');
    return {
      error: errors.map((d) => `${d.at?.line ?? '?'}:${d.at?.column ?? '?'}: ${d.message} [${d.code}]`),
      crash: errors.some((d) => d.class === 'internal'),
    };
  }
}
