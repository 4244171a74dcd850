/**
 * Writes V8's compiled code beside the bundle, after a run that compiles an ordinary domain as a user does, with its QEMU
 * asked before: what such a run needs is in it, and nothing else. The QEMU is a recorded one, so that none need be here.
 *   tsx scripts/write-code-cache.ts BUNDLE
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { loadBundle } from '../src/cli/load-bundle.ts';
import { rememberCaps } from '../src/qmp/capabilities/cache.ts';
import { capsFromTranscript } from '../src/qmp/capabilities/transcript.ts';

const at = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const [bundle] = process.argv.splice(2);
if (bundle === undefined) throw new Error('usage: write-code-cache.ts BUNDLE');

const root = mkdtempSync(path.join(tmpdir(), 'qdom-build-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const emulator = path.join(root, 'qemu-system-x86_64');
writeFileSync(emulator, '');
const recording = gunzipSync(readFileSync(at('../fixtures/recordings/qemu-10.0-x86_64.replies.gz')));
rememberCaps(emulator, capsFromTranscript(recording.toString('utf8')), {
  cacheDir: path.join(root, 'lib/cache'),
});
const domain = path.join(root, 'ordinary.xml');
writeFileSync(domain, readFileSync(at('ordinary.xml'), 'utf8').replace('EMULATOR', emulator));

process.argv.push('--root', root, 'compile', domain);
const script = loadBundle(bundle, undefined, createRequire(path.resolve(bundle)));
process.on('exit', () => writeFileSync(`${bundle}.cache`, script.createCachedData()));
