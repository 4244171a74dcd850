/**
 * Builds `dist`: the command line as one bundle with V8's compiled code beside it, so that a cold start reads two files
 * and compiles nothing; the library entries as modules, with their types in `dist/types`.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { execa } from 'execa';

const at = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8'));

const common: BuildOptions = {
  outdir: at('dist'),
  absWorkingDir: at('.'),
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  // koffi loads its native part by a path relative to itself.
  external: ['koffi'],
  logLevel: 'warning',
};

rmSync(at('dist'), { recursive: true, force: true });
await Promise.all([
  execa('tsc', ['-p', at('tsconfig.build.json')], { preferLocal: true, localDir: at('.'), stdio: 'inherit' }),
  build({
    ...common,
    entryPoints: { qdom: 'src/cli/qdom.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // One function, as `load-bundle.ts` calls it.
    banner: {
      js: "(function (exports, require, module, __filename, __dirname) { const __url = require('node:url').pathToFileURL(__filename).href;",
    },
    footer: { js: '})' },
    define: { __QDOM_VERSION__: JSON.stringify(version), 'import.meta.url': '__url' },
  }),
  build({ ...common, entryPoints: { cli: 'src/cli/cli.ts' }, format: 'cjs' }),
  build({
    ...common,
    entryPoints: { index: 'src/index.ts', machine: 'src/machine.ts', qmp: 'src/qmp/index.ts' },
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  }),
]);
// Node starts CommonJS faster than a module, so the command is CommonJS; the library and its types are modules.
writeFileSync(at('dist/package.json'), JSON.stringify({ type: 'commonjs' }));
writeFileSync(at('dist/types/package.json'), JSON.stringify({ type: 'module' }));
const cacheWriter = [at('scripts/write-code-cache.ts'), at('dist/qdom.cjs')];
await execa('tsx', cacheWriter, { preferLocal: true, localDir: at('.'), stdout: 'ignore' });
