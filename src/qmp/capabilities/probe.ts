import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { QemuCaps } from '../../plan/caps.ts';
import { QmpClient } from '../client.ts';
import { QmpCommandError } from '../errors.ts';
import { buildCaps, hasKvm } from './build.ts';
import type { Exchange, ExchangeSession, Question } from './exchange.ts';
import { acceleratorQuestions, COMMON_QUESTIONS } from './questions.ts';
import { type StartedQemu, startQemu } from './start-qemu.ts';
import { printTranscript } from './transcript.ts';

export interface ProbeOptions {
  /** Deadline in milliseconds for the whole probe; a minute unless given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** It takes a tenth of a second; on a host that has no processor to spare many times that. */
const DEFAULT_PROBE_TIMEOUT_MS = 60_000;

/**
 * What the QEMU at `binary` can do, as it says itself: one start of it (two at once where KVM can be opened: one more for
 * what differs under TCG), everything asked at once. Its processes are ended and reaped whatever happens. Throws
 * `capabilities/qemu-cannot-start`, `qemu-ended`, `qemu-silent`, and what `buildCaps` throws.
 */
export async function probeCaps(binary: string, options: ProbeOptions = {}): Promise<QemuCaps> {
  return buildCaps(await probe(binary, options));
}

/** The same conversation as text, for a user to send and for `capsFromTranscript` to read. Throws as `probeCaps`. */
export async function recordTranscript(binary: string, options: ProbeOptions = {}): Promise<string> {
  return printTranscript(await probe(binary, options));
}

/** Whether this process may use KVM. */
export async function canOpenKvm(): Promise<boolean> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function probe(binary: string, options: ProbeOptions): Promise<readonly ExchangeSession[]> {
  const stop = new AbortController();
  const timeoutMs = options.timeoutMs ?? DEFAULT_PROBE_TIMEOUT_MS;
  const timer = setTimeout(() => stop.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const onAbort = (): void => stop.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  try {
    return await askSessions(binary, stop, timeoutMs);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

async function askSessions(
  binary: string,
  stop: AbortController,
  timeoutMs: number,
): Promise<readonly ExchangeSession[]> {
  const ask = (accel: string, questions: readonly Question[]): Promise<ExchangeSession> =>
    askOneQemu(binary, accel, questions, stop.signal, timeoutMs).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
  const tcgQuestions = acceleratorQuestions('tcg');
  if (!(await canOpenKvm())) return [await ask('tcg', [...COMMON_QUESTIONS, ...tcgQuestions])];
  const both = await Promise.allSettled([
    ask('kvm:tcg', [...COMMON_QUESTIONS, ...acceleratorQuestions('kvm')]),
    ask('tcg', tcgQuestions),
  ]);
  const [main, tcg] = both.map(valueOrThrow);
  if (main === undefined || tcg === undefined) return [];
  // KVM can be opened and still not be usable: then the first ran under TCG too.
  return hasKvm(main) ? [main, tcg] : [[...main, ...tcg.slice(1)]];
}

function valueOrThrow<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

async function askOneQemu(
  binary: string,
  accel: string,
  questions: readonly Question[],
  signal: AbortSignal,
  timeoutMs: number,
): Promise<ExchangeSession> {
  const qemu = await startQemu(binary, accel, signal);
  try {
    return await converse(qemu, questions, signal, timeoutMs);
  } catch (error) {
    throw await qemu.explain(error);
  } finally {
    await qemu.end();
  }
}

async function converse(
  qemu: StartedQemu,
  questions: readonly Question[],
  signal: AbortSignal,
  timeoutMs: number,
): Promise<ExchangeSession> {
  // Out of band would limit how many questions may be under way.
  const client = await QmpClient.connect(qemu.monitor, { timeoutMs, signal, oob: false });
  try {
    const answers = await Promise.all(questions.map((question) => askOne(client, question, timeoutMs)));
    return [{ question: { execute: 'qmp_capabilities' }, answer: { return: {} } }, ...answers];
  } finally {
    await client.close();
  }
}

async function askOne(client: QmpClient, question: Question, timeoutMs: number): Promise<Exchange> {
  try {
    const value = await client.call(question.execute, question.arguments, { timeoutMs });
    return { question, answer: { return: value } };
  } catch (error) {
    if (!(error instanceof QmpCommandError)) throw error;
    return { question, answer: { error: { class: error.errorClass, desc: error.desc } } };
  }
}
