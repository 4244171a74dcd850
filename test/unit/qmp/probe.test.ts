import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseTranscript } from '../../../src/qmp/capabilities/transcript.ts';
import { cachedCaps, capsFromTranscript, probeCaps, recordTranscript } from '../../../src/qmp/index.ts';
import { rejection } from './peer.ts';
import { recordedTranscript } from './recording.ts';

const FAKE_QEMU = fileURLToPath(new URL('../../../fixtures/bin/fake-qemu.mjs', import.meta.url));
let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qdom-probe-'));
  const answers = parseTranscript(recordedTranscript())
    .flat()
    .map(({ question, answer }) => [JSON.stringify(question), answer]);
  const recording = join(dir, 'recording.json');
  writeFileSync(recording, JSON.stringify(Object.fromEntries(answers)));
  vi.stubEnv('FAKE_QEMU_RECORDING', recording);
  vi.stubEnv('FAKE_QEMU_LOG', join(dir, 'starts'));
  writeFileSync(join(dir, 'starts'), '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

const starts = (): number[] =>
  readFileSync(join(dir, 'starts'), 'utf8').split('\n').filter(Boolean).map(Number);

/** Every process that was started is gone, not even a zombie is left. */
function expectAllReaped(): void {
  for (const pid of starts()) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
}

describe('probeCaps', () => {
  it('asks for everything that a recording has, and ends what it started', async () => {
    const caps = await probeCaps(FAKE_QEMU);
    const recorded = capsFromTranscript(recordedTranscript());
    expect(caps.types).toEqual(recorded.types);
    expect(caps.properties).toEqual(recorded.properties);
    expect(caps.schema).toEqual(recorded.schema);
    expect(caps.accel.tcg).toEqual(recorded.accel.tcg);
    expectAllReaped();
  });

  it('a recording gives the same capabilities', async () => {
    expect(capsFromTranscript(await recordTranscript(FAKE_QEMU))).toEqual(await probeCaps(FAKE_QEMU));
  });

  it.each([
    ['fail', /^fake-qemu: -machine none: 'none' is not to my taste: '.*' ended with exit status 1 before/],
    ['die', /ended with signal SIGSEGV before it said/],
  ])('a QEMU that would %s: its own words, then how it ended', async (behaviour, message) => {
    vi.stubEnv('FAKE_QEMU', behaviour);
    const error = await rejection(probeCaps(FAKE_QEMU));
    expect(error).toHaveProperty('primary.code', 'capabilities/qemu-ended');
    expect(error.message).toMatch(message);
    expectAllReaped();
  });

  it('a silent QEMU is ended at the deadline', async () => {
    vi.stubEnv('FAKE_QEMU', 'silent');
    const error = await rejection(probeCaps(FAKE_QEMU, { timeoutMs: 300 }));
    expect(error).toHaveProperty('primary.code', 'capabilities/qemu-silent');
    expect(error.message).toMatch(/no answer within 300 ms$/);
    expectAllReaped();
  });

  it('an abort ends it', async () => {
    vi.stubEnv('FAKE_QEMU', 'silent');
    const abort = new AbortController();
    const probing = probeCaps(FAKE_QEMU, { signal: abort.signal });
    await vi.waitUntil(() => starts().length > 0, { timeout: 20_000 });
    abort.abort();
    expect(await rejection(probing)).toHaveProperty('primary.code', 'capabilities/qemu-silent');
    expectAllReaped();
    expect(await rejection(probeCaps(FAKE_QEMU, { signal: abort.signal }))).toHaveProperty(
      'primary.code',
      'capabilities/qemu-silent',
    );
  });

  it.each([
    ['/nonexistent/qemu', /cannot start '\/nonexistent\/qemu': it does not exist/],
    ['/etc/passwd', /permission denied/],
  ])('%s is no QEMU', async (binary, message) => {
    const error = await rejection(probeCaps(binary));
    expect(error).toHaveProperty('primary.code', 'capabilities/qemu-cannot-start');
    expect(error.message).toMatch(message);
  });
});

describe('cachedCaps', () => {
  const entries = (): string[] => readdirSync(join(dir, 'cache'));
  const load = () => cachedCaps(FAKE_QEMU, { cacheDir: join(dir, 'cache') });

  it('asks a QEMU once, and keeps one file that only its owner reads', async () => {
    const asked = await load();
    const count = starts().length;
    expect(await load()).toEqual(asked);
    expect(starts()).toHaveLength(count);
    expect(entries()).toHaveLength(1);
    expect(statSync(join(dir, 'cache', entries()[0] ?? '')).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['cut', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 5000))],
    [
      'of another QEMU',
      (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('mtimeNs":"', '$&1')),
    ],
    ['empty', (path: string) => writeFileSync(path, '')],
    ['appended to', (path: string) => appendFileSync(path, '{}\n')],
  ])('an entry that is %s is passed over and made anew', async (_, spoil) => {
    const asked = await load();
    const path = join(dir, 'cache', entries()[0] ?? '');
    const entry = readFileSync(path, 'utf8');
    const count = starts().length;
    spoil(path);
    expect(await load()).toEqual(asked);
    expect(starts().length).toBeGreaterThan(count);
    expect(readFileSync(path, 'utf8')).toBe(entry);
  });

  it('a directory that cannot be made is no reason to fail', async () => {
    const blocked = join(dir, 'starts', 'cache');
    expect((await cachedCaps(FAKE_QEMU, { cacheDir: blocked })).version.major).toBe(7);
  });
});
