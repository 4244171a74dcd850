import { statSync } from 'node:fs';
import path from 'node:path';

const LOOK_MS = 5000;
/** A busy machine is slow to boot the lab, and its processors may have no time for a while; never that long. */
const SILENCE_MS = 3 * 60_000;

/**
 * Watches whether each of the lab's processors goes on: a loop that is bound to it writes a file, `alive-N`, every few seconds
 * (inside.sh). An emulated processor that is lost stands still for good, and no deadline inside is any help then.
 * @param onSilence called once with the number of a processor that has said nothing for three minutes
 * @returns ends the watch
 */
export function watchProcessors(
  directory: string,
  processors: readonly number[],
  onSilence: (cpu: number) => void,
): () => void {
  const begin = Date.now();
  const heard = (cpu: number) => {
    const file = statSync(path.join(directory, `alive-${cpu}`), { throwIfNoEntry: false });
    return Math.max(begin, file?.mtimeMs ?? 0);
  };
  const timer = setInterval(() => {
    const silent = processors.find((cpu) => Date.now() - heard(cpu) > SILENCE_MS);
    if (silent === undefined) return;
    clearInterval(timer);
    onSilence(silent);
  }, LOOK_MS);
  return () => clearInterval(timer);
}
