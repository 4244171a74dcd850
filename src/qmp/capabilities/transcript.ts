import { fail } from '../../errors/index.ts';
import type { QemuCaps } from '../../plan/caps.ts';
import { buildCaps } from './build.ts';
import { CAPABILITY_ERRORS } from './errors.ts';
import type { Answer, Exchange, ExchangeSession, Question } from './exchange.ts';
import { isObject, type JsonObject } from './read.ts';

/**
 * The capabilities of the QEMU whose recorded QMP conversation this is: JSON documents separated by blank lines, a
 * command and then its reply; each `qmp_capabilities` begins another QEMU process (with KVM, then with TCG).
 * Throws `capabilities/transcript-malformed`, and what `buildCaps` throws.
 */
export function capsFromTranscript(text: string): QemuCaps {
  return buildCaps(parseTranscript(text));
}

/** The sessions that a recorded conversation holds. Throws `capabilities/transcript-malformed`. */
export function parseTranscript(text: string): readonly ExchangeSession[] {
  const documents = text
    .split(/\r?\n[ \t]*\r?\n/)
    .filter((document) => document.trim() !== '')
    .map(parseDocument);
  const exchanges: Exchange[] = [];
  for (let i = 0; i < documents.length; i += 2)
    exchanges.push({ question: readQuestion(documents[i], i), answer: readAnswer(documents[i + 1], i + 1) });
  return splitSessions(exchanges);
}

/** The same in writing: `parseTranscript(printTranscript(sessions))` gives the sessions back. */
export function printTranscript(sessions: readonly ExchangeSession[]): string {
  return sessions
    .flatMap((session) =>
      session.flatMap(({ question, answer }, index) => {
        const id = `qdom-${index + 1}`;
        return [
          { ...question, id },
          { ...answer, id },
        ];
      }),
    )
    .map((document) => `${JSON.stringify(document, null, 2)}\n`)
    .join('\n');
}

function splitSessions(exchanges: readonly Exchange[]): readonly ExchangeSession[] {
  const sessions: Exchange[][] = [];
  for (const exchange of exchanges) {
    if (exchange.question.execute === 'qmp_capabilities' || sessions.length === 0) sessions.push([]);
    sessions.at(-1)?.push(exchange);
  }
  return sessions;
}

function parseDocument(text: string, index: number): JsonObject {
  const value = parseJson(text, index);
  if (!isObject(value)) throw malformed(index, 'it is no object');
  return value;
}

function parseJson(text: string, index: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(index, 'it is not JSON', cause);
  }
}

function readQuestion(document: JsonObject | undefined, index: number): Question {
  const execute = document?.execute;
  if (typeof execute !== 'string') throw malformed(index, "it should be a command with 'execute'");
  return isObject(document?.arguments) ? { execute, arguments: document.arguments } : { execute };
}

function readAnswer(document: JsonObject | undefined, index: number): Answer {
  if (document === undefined) throw malformed(index, 'the last command has no reply');
  if ('return' in document) return { return: document.return };
  const { error } = document;
  if (isObject(error) && typeof error.class === 'string' && typeof error.desc === 'string')
    return { error: { class: error.class, desc: error.desc } };
  throw malformed(index, "it should be a reply with 'return' or 'error'");
}

function malformed(index: number, why: string, cause?: unknown): Error {
  return fail(CAPABILITY_ERRORS['transcript-malformed'], { document: index + 1, why }, { cause });
}
