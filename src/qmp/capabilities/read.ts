import { fail } from '../../errors/index.ts';
import { CAPABILITY_ERRORS } from './errors.ts';
import type { Exchange, ExchangeSession, Question } from './exchange.ts';

/** A JSON object from QEMU whose members are yet to be looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads one answer's parts; a part of the wrong type is an error that names the command. */
export interface AnswerReader {
  object(value: unknown): JsonObject;
  objects(value: unknown): readonly JsonObject[];
  string(value: unknown): string;
  strings(value: unknown): readonly string[];
  integer(value: unknown): number;
}

/** A reader for the answer to `command`. */
export function answerReader(command: string): AnswerReader {
  const malformed = (expected: string): Error =>
    fail(CAPABILITY_ERRORS['answer-malformed'], { command, expected });
  const array = (value: unknown): readonly unknown[] => {
    if (!Array.isArray(value)) throw malformed('an array');
    return value;
  };
  const reader: AnswerReader = {
    object(value) {
      if (!isObject(value)) throw malformed('an object');
      return value;
    },
    objects: (value) => array(value).map(reader.object),
    string(value) {
      if (typeof value !== 'string') throw malformed('a string');
      return value;
    },
    strings: (value) => array(value).map(reader.string),
    integer(value) {
      if (!Number.isInteger(value)) throw malformed('an integer');
      return Number(value);
    },
  };
  return reader;
}

/** Whether a value is a JSON object (no array, no null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What `command` returned in this session; `undefined` if it was not asked or QEMU refused it. */
export function returned(session: ExchangeSession, command: string): unknown {
  for (const { question, answer } of session)
    if (question.execute === command && 'return' in answer) return answer.return;
  return undefined;
}

/** As `returned`, for what no QEMU does without. */
export function required(session: ExchangeSession, command: string): unknown {
  const value = returned(session, command);
  if (value === undefined) throw fail(CAPABILITY_ERRORS['answer-missing'], { command });
  return value;
}

/** The exchanges of `command` that QEMU answered with a value. */
export function answered(
  session: ExchangeSession,
  command: string,
): readonly { readonly question: Question; readonly value: unknown }[] {
  return session.flatMap(({ question, answer }: Exchange) =>
    question.execute === command && 'return' in answer ? [{ question, value: answer.return }] : [],
  );
}
