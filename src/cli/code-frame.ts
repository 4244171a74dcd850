// A CommonJS package: only its default export is the same bundled and not.
import babel from '@babel/code-frame';

/** A generated document can be one endless line; a frame of it helps nobody. */
const MAX_COLUMNS = 500;

/** A source as it is shown, made ready once for all that is told of it. */
export class ShownSource {
  readonly #lines: readonly string[];

  constructor(source: string) {
    this.#lines = withoutSecrets(printable(source)).split('\n');
  }

  /** The line and the one before it, with a caret below the column. */
  frame(line: number, column: number): string {
    if ((this.#lines[line - 1]?.length ?? 0) > MAX_COLUMNS) return '  (the line is too long to show)';
    const first = Math.max(1, line - 1);
    // The option that its types do not know: the number of the first line.
    const options = { linesAbove: 1, linesBelow: 0, startLine: first };
    const shown = this.#lines.slice(first - 1, line).join('\n');
    return babel.codeFrameColumns(shown, { start: { line, column } }, options);
  }
}

/** Control characters of a file that is no text would steer the terminal; each shows as one character, so that the caret stays true. */
function printable(source: string): string {
  return source.replaceAll('\r\n', '\n').replace(/[^\P{Cc}\t\n]|[\u2028\u2029]/gu, '\ufffd');
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
