/** How much of a word may be wrong for it to be taken for another one. */
const MOST_WRONG = 0.4;

/**
 * A hint for a name that is none: the known name that it is most like, by letters that are missing, wrong or swapped, or the
 * shortest that begins with it. Undefined if it is like none.
 */
export function didYouMean(wanted: string, known: Iterable<string>): string | undefined {
  const name = nearestName(wanted, [...known]);
  return name === undefined ? undefined : `did you mean '${name}'?`;
}

function nearestName(wanted: string, names: readonly string[]): string | undefined {
  const word = wanted.toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of names) {
    const distance = editDistance(word, name.toLowerCase());
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  if (best !== undefined && best.distance <= word.length * MOST_WRONG) return best.name;
  if (word.length < 3) return undefined;
  const longer = names.filter((name) => name.toLowerCase().startsWith(word));
  return longer.sort((a, b) => a.length - b.length)[0];
}

/** Levenshtein's distance, with two neighbours that are swapped as one mistake. */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
          isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
