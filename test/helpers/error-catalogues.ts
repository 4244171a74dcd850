import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ErrorRule } from '../../src/errors/index.ts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

export interface KnownRule {
  readonly rule: ErrorRule<never>;
  /** The catalogue's file below `src`. */
  readonly file: string;
}

/** Files that declare rules: an `errors.ts` each, or the one file of a small element. */
function catalogueFiles(): readonly string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && readFileSync(path.join(SRC, file), 'utf8').includes('= defineErrors('),
  );
}

/** Every rule of every catalogue, by code. */
export async function allRules(): Promise<readonly KnownRule[]> {
  const files = [...catalogueFiles()];
  const rules: KnownRule[] = [];
  for (const file of files.sort()) {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(path.join(SRC, file)).href);
    for (const catalogue of Object.values(module)) {
      if (typeof catalogue !== 'object' || catalogue === null) continue;
      const found = Object.values(catalogue).filter(isRule);
      rules.push(...found.map((rule) => ({ rule, file })));
    }
    if (!rules.some((known) => known.file === file)) throw new Error(`${file} does not export its rules`);
  }
  return rules.sort((a, b) => (a.rule.code < b.rule.code ? -1 : 1));
}

function isRule(value: unknown): value is ErrorRule<never> {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}
