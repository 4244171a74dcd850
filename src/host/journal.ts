import { fail } from '../errors/index.ts';
import { hostErrors } from './errors.ts';
import type { StepRecord } from './steps/index.ts';
import type { HostSystem } from './system.ts';

/** One line of the journal. `step` numbers the steps of one machine's start. */
export type JournalEntry =
  | { readonly op: 'intent'; readonly step: number; readonly type: string; readonly record: StepRecord }
  | { readonly op: 'done'; readonly step: number; readonly record: StepRecord }
  | { readonly op: 'undone'; readonly step: number };

/** A step that may have left something on the host. */
export interface OpenStep {
  readonly step: number;
  readonly type: string;
  /** What was really made, or what was going to be. */
  readonly record: StepRecord;
}

/** Writes an entry; it is on disk when this returns. */
export function writeEntry(host: HostSystem, path: string, entry: JournalEntry): void {
  host.appendLine(path, JSON.stringify(entry));
}

/**
 * The steps that are not undone, oldest first. A last line without its end was cut by a power cut before its step
 * began: it says nothing.
 * @throws QdomError `host/journal-unreadable` for any other damage.
 */
export function openSteps(host: HostSystem, path: string): OpenStep[] {
  const lines = (host.readText(path) ?? '').split('\n');
  const open = new Map<number, OpenStep>();
  lines.slice(0, -1).forEach((line, index) => {
    const entry = parseEntry(line);
    if (entry === undefined) throw fail(hostErrors['journal-unreadable'], { path, line: index + 1 });
    const known = open.get(entry.step);
    if (entry.op === 'intent') open.set(entry.step, entry);
    else if (entry.op === 'undone') open.delete(entry.step);
    else if (known !== undefined) open.set(entry.step, { ...known, record: entry.record });
  });
  return [...open.values()].map(({ step, type, record }) => ({ step, type, record }));
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'op' in entry ? (entry as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}
