import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { jsonText } from '../../src/cli/json.ts';
import { shellCommand } from '../../src/cli/shell-quote.ts';
import { compile } from '../../src/compile/index.ts';
import { QdomError } from '../../src/errors/index.ts';
import { printArgv } from '../../src/plan/index.ts';
import { directivesOf, FIXTURES, goldenEnvironment } from './environment.ts';

/** An input below `fixtures/<kind>/`; one named `err.…` must be refused. */
export interface Golden {
  readonly kind: string;
  readonly name: string;
  readonly input: string;
  readonly mustFail: boolean;
}

/** Folders of `fixtures` that hold something else than goldens. */
export const NOT_GOLDENS: ReadonlySet<string> = new Set(['recordings', 'host-root', 'bin', 'guests']);

export function goldenKinds(): readonly string[] {
  return readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_GOLDENS.has(entry.name))
    .map((entry) => entry.name);
}

export function listGoldens(): readonly Golden[] {
  return goldenKinds().flatMap((kind) =>
    readdirSync(path.join(FIXTURES, kind))
      .filter((file) => file.endsWith('.xml') && !file.endsWith('.norm.xml'))
      .map((file) => {
        const name = file.slice(0, -'.xml'.length);
        return { kind, name, input: path.join(FIXTURES, kind, file), mustFail: name.startsWith('err.') };
      }),
  );
}

/** Expected files by their ending, with what they must hold. */
export type Expectations = Readonly<Record<string, string>>;

export function expectedFile(golden: Golden, ending: string): string {
  return path.join(FIXTURES, golden.kind, `${golden.name}.${ending}`);
}

/** What the compiler answers for a golden, in the form in which it is kept. */
export function answerFor(golden: Golden): Expectations {
  const xml = readFileSync(golden.input, 'utf8');
  const env = goldenEnvironment(directivesOf(xml));
  try {
    const plan = compile(xml, env, path.basename(golden.input));
    const warnings = printDiagnostics(plan.warnings);
    return {
      args: `${shellCommand(plan.binary, printArgv(plan.options))}\n`,
      'norm.xml': plan.domainXml,
      ...(plan.host.length > 0 && { 'host.json': `${jsonText(plan.host)}\n` }),
      ...(plan.afterStart.length > 0 && {
        'after-start.json': `${jsonText(plan.afterStart)}\n`,
      }),
      ...(warnings !== '' && { warn: warnings }),
    };
  } catch (error) {
    if (error instanceof QdomError) return { err: printDiagnostics(error.diagnostics) };
    throw error;
  }
}

function printDiagnostics(diagnostics: QdomError['diagnostics']): string {
  return diagnostics
    .map((d) => `${d.at?.line ?? '-'}:${d.at?.column ?? '-'}: ${d.severity}: ${d.message} [${d.code}]\n`)
    .join('');
}

export const ENDINGS = ['args', 'norm.xml', 'host.json', 'after-start.json', 'warn', 'err'] as const;

/** The expectations that are kept for a golden. */
export function keptFor(golden: Golden): Expectations {
  return Object.fromEntries(
    ENDINGS.map((ending) => [ending, expectedFile(golden, ending)] as const)
      .filter(([, file]) => existsSync(file))
      .map(([ending, file]) => [ending, readFileSync(file, 'utf8')]),
  );
}
