import { Report } from '../compile/report.ts';
import { tellWarnings } from './compile-input.ts';
import type { CliContext } from './context.ts';
import { type InputText, readInput } from './input.ts';
import { withSource } from './sourced-error.ts';

/** Reads a document that is no domain; what is wrong with it, or ignored, is told with its lines. */
export async function readXml<T>(
  cx: CliContext,
  file: string,
  read: (input: InputText, report: Report) => T | Promise<T>,
): Promise<T> {
  const input = await readInput(cx, file);
  return withSource(input.text, async () => {
    const report = new Report();
    const value = await read(input, report);
    await tellWarnings(cx, report.warnings, input.text);
    return value;
  });
}
