import { type Diagnostic, fail } from '../errors/index.ts';
import { machineErrors } from './errors.ts';

/** A name with a suffix must fit in a file name of 255 bytes. */
const NAME_BYTES = 200;

/**
 * Refuses what cannot be a file's name or would mislead in a terminal.
 * @param where the place of the name, where it was read from a text
 * @throws QdomError `machine/bad-name`.
 */
export function checkName(name: string, where: Pick<Diagnostic, 'path' | 'file' | 'at'> = {}): void {
  const why = whyBad(name);
  if (why !== undefined) throw fail(machineErrors['bad-name'], { name: printable(name), why }, { where });
}

function whyBad(name: string): string | undefined {
  if (name.trim() === '') return 'is empty';
  if (name === '.' || name === '..') return 'is a directory';
  if (name.includes('/')) return "contains '/'";
  if (/[\p{Cc}\p{Bidi_Control}]/u.test(name)) return 'contains a control character';
  if (Buffer.byteLength(name) > NAME_BYTES) return `is longer than ${NAME_BYTES} bytes`;
  return undefined;
}

function printable(name: string): string {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  const escaped = JSON.stringify(shown).slice(1, -1);
  return escaped.replace(/\p{Bidi_Control}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A domain's UUID: our own canonical print has the element once, on the domain's level. */
export function uuidOf(domainXml: string): string {
  return /<uuid>([^<]*)<\/uuid>/.exec(domainXml)?.[1] ?? '';
}
