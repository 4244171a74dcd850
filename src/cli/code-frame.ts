// A CommonJS package: only its default export is the same bundled and not.
import babel from '@babel/code-frame';

/** The line and the one before it, with a caret below the column. */
export function codeFrame(source: string, line: number, column: number): string {
  return babel.codeFrameColumns(
    withoutSecrets(printable(source)),
    { start: { line, column } },
    { linesAbove: 1, linesBelow: 0 },
  );
}

/** Control characters of a file that is no text would steer the terminal; each shows as one character, so that the caret stays true. */
function printable(source: string): string {
  return source.replace(/[^\P{Cc}\t\r\n]/gu, '\ufffd');
}

/** A password in the line that is shown is not: each of its characters is a star, so that the caret stays true. */
function withoutSecrets(source: string): string {
  const stars = (text: string) => text.replace(/[^\r\n]/g, '*');
  return source
    .replace(/(\spasswd\s*=\s*)('[^']*'|"[^"]*")/g, (_, name: string, value: string) => {
      return name + value.slice(0, 1) + stars(value.slice(1, -1)) + value.slice(-1);
    })
    .replace(/(<cookie\b[^>]*>)([^<]*)/g, (_, tag: string, value: string) => tag + stars(value));
}
