import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** The system tests for which the lab's kernel has more than another host's may have. */
const SYSTEM_TESTS = ['tuning', 'hugepages'].map((name) => `test/system/${name}.test.ts`);

/** vitest leaves what is in a directory of this name to Node, unread (test/lab/vitest.config.ts). */
const BUNDLED = 'bundled';

/** The files of tests that run in the lab, by their paths in the project. */
export function labTests(project: string, filters: readonly string[]): readonly string[] {
  const own = readdirSync(path.join(project, 'test/lab')).map((name) => `test/lab/${name}`);
  return [...own.filter((file) => file.endsWith('.test.ts')), ...SYSTEM_TESTS].filter(
    (file) => filters.length === 0 || filters.some((filter) => file.includes(filter)),
  );
}

/**
 * Makes JavaScript of test files and all that they import, into a directory of the project: on an emulated processor
 * that takes longer than the tests themselves. Beside it a file for each test that vitest reads and that does no more than import it.
 */
export async function bundleTests(project: string, files: readonly string[], to: string): Promise<void> {
  await build({
    absWorkingDir: project,
    entryPoints: [...files],
    outbase: project,
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
    const script = file.replace(/ts$/, 'js');
    mkdirSync(path.join(to, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(to, script), `import '${path.join(to, BUNDLED, script)}';\n`);
  }
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
