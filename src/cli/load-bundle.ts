import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/**
 * Runs the bundle as Node would, with V8's compiled code for it where there is some: most of a cold start is spent
 * compiling. Code of another V8 is passed over by V8 itself.
 * @param require of a file beside the bundle: one that is there already, as making another loads Node's module loader
 * @returns the script, from which compiled code can be taken after the run
 */
export function loadBundle(file: string, cachedData: Buffer | undefined, require: NodeJS.Require): Script {
  // The bundle is a function (see `scripts/build.ts`) in plain ASCII, which is read without being decoded.
  const source = readFileSync(file, 'latin1');
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, lazily(require), module, file, dirname(file));
  return script;
}

/** Parts of Node that take a millisecond or more to load and that most commands do without. */
const HEAVY: ReadonlySet<string> = new Set([
  'child_process',
  'crypto',
  'fs/promises',
  'module',
  'net',
  'stream/consumers',
  'zlib',
]);

/** A `require` that loads the heavy parts of Node when something in them is first used. */
function lazily(require: NodeJS.Require): (id: string) => unknown {
  return (id) =>
    HEAVY.has(id.replace(/^node:/, ''))
      ? new Proxy({}, { get: (_, name) => require(id)[name] })
      : require(id);
}
