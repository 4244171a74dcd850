import type { Diagnostic } from '../errors/index.ts';

/** `guest.xml:18:15: error: …`, the source line with a caret, and the hint. */
export async function printDiagnostic(diagnostic: Diagnostic, source?: string): Promise<string> {
  const { coloursFor } = await import('./colours.ts');
  const colours = coloursFor(process.stderr);
  const { file, at, severity, message, code, hint, path } = diagnostic;
  const place = at === undefined ? (file ?? 'qdom') : `${file ?? '<stdin>'}:${at.line}:${at.column}`;
  const colour = severity === 'error' ? colours.red : colours.yellow;
  const lines = [`${colours.bold(place)}: ${colour(severity)}: ${message} ${colours.dim(`[${code}]`)}`];
  if (at !== undefined && source !== undefined) lines.push(await frame(source, at.line, at.column));
  else if (path !== undefined && at === undefined) lines.push(`  at ${path}`);
  if (hint !== undefined) lines.push(`  ${colours.cyan('hint:')} ${hint}`);
  return lines.join('\n');
}

async function frame(source: string, line: number, column: number): Promise<string> {
  // A generated document can be one endless line; a frame of it helps nobody.
  if ((source.split('\n', line)[line - 1]?.length ?? 0) > 500) return '  (the line is too long to show)';
  const { codeFrame } = await import('./code-frame.ts');
  return codeFrame(source, line, column);
}
