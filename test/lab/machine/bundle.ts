import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

export const PROJECT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** The system tests for which the lab's kernel has more than another host's may have. */
const SYSTEM_TESTS = ['tuning', 'hugepages'].map((name) => `test/system/${name}.test.ts`);

const REPORTER = 'test/reporter.ts';

/** vitest leaves what is in a directory of this name to Node, unread (test/lab/vitest.config.ts). */
const BUNDLED = 'bundled';

/** The files of tests that run in the lab, by their paths in the project. */
export function labTests(filters: readonly string[]): readonly string[] {
  const own = readdirSync(path.join(PROJECT, 'test/lab')).map((name) => `test/lab/${name}`);
  return [...own.filter((file) => file.endsWith('.test.ts')), ...SYSTEM_TESTS].filter(
    (file) => filters.length === 0 || filters.some((filter) => file.includes(filter)),
  );
}

/**
 * Makes JavaScript of test files and all that they import, into a directory of the project: on an emulated processor
 * that takes longer than the tests themselves. Beside it a file for each test that vitest reads and that does no more than import it.
 */
export async function bundleTests(files: readonly string[], to: string): Promise<void> {
  await build({
    absWorkingDir: PROJECT,
    entryPoints: [...files, REPORTER],
    outbase: PROJECT,
    outdir: path.join(to, BUNDLED),
    bundle: true,
    splitting: true,
    chunkNames: 'shared/[hash]',
    // vitest runs them, and koffi loads its native part by a path relative to itself.
    external: ['vitest', 'koffi', 'esbuild'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
    plugins: [ownUrl],
  });
  for (const file of files) {
    const script = scriptOf(file);
    mkdirSync(path.join(to, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(to, script), `import '${path.join(to, BUNDLED, script)}';\n`);
  }
}

/** What a file of tests is called inside. */
export function scriptOf(file: string): string {
  return file.replace(/ts$/, 'js');
}

/** A file goes on knowing where it was, so that it finds what lies beside it. */
const ownUrl: Plugin = {
  name: 'own-url',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(file).href),
      ),
      loader: 'ts',
    }));
  },
};
