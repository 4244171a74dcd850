import type { Diagnostic } from '../errors/index.ts';
import type { ShownSource } from './code-frame.ts';

type Colours = ReturnType<typeof import('./colours.ts').coloursFor>;

/** Each as `guest.xml:18:15: error: …`, the source line with a caret, and the hint. */
export async function printDiagnostics(diagnostics: readonly Diagnostic[], source?: string): Promise<string> {
  if (diagnostics.length === 0) return '';
  const { coloursFor } = await import('./colours.ts');
  const colours = coloursFor(process.stderr);
  const isPlaced = diagnostics.some(({ at }) => at !== undefined);
  const shown = source !== undefined && isPlaced ? await show(source) : undefined;
  return diagnostics.map((diagnostic) => `${print(diagnostic, colours, shown)}\n`).join('');
}

async function show(source: string): Promise<ShownSource> {
  const { ShownSource } = await import('./code-frame.ts');
  return new ShownSource(source);
}

function print(diagnostic: Diagnostic, colours: Colours, source: ShownSource | undefined): string {
  const { file, at, severity, message, code, hint, path } = diagnostic;
  const place = at === undefined ? (file ?? 'qdom') : `${file ?? '<stdin>'}:${at.line}:${at.column}`;
  const colour = severity === 'error' ? colours.red : colours.yellow;
  const lines = [`${colours.bold(place)}: ${colour(severity)}: ${message} ${colours.dim(`[${code}]`)}`];
  if (at !== undefined && source !== undefined) lines.push(source.frame(at.line, at.column));
  else if (path !== undefined && at === undefined) lines.push(`  at ${path}`);
  if (hint !== undefined) lines.push(`  ${colours.cyan('hint:')} ${hint}`);
  return lines.join('\n');
}
