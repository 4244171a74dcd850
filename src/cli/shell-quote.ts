/** A word for a POSIX shell: as it is where that is safe, else in single quotes. */
function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command, one option with its value a line, so that two can be compared by eye and by diff. */
export function shellCommand(binary: string, argv: readonly string[]): string {
  const lines: string[] = [];
  for (const word of argv) {
    const previous = lines.at(-1);
    const isValue = previous !== undefined && !previous.includes(' ') && !/^-[a-z]/.test(word);
    if (isValue) lines[lines.length - 1] = `${previous} ${shellQuote(word)}`;
    else lines.push(shellQuote(word));
  }
  return [shellQuote(binary), ...lines].join(' \\\n  ');
}
