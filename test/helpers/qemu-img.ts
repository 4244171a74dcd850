import { execaSync } from 'execa';

const ATTEMPTS = 20;

/**
 * Makes an encrypted image. QEMU times the derivation of its key, and gives up where the clock is too coarse for that on
 * a busy machine: then it is tried once more.
 */
export function makeEncrypted(words: readonly string[]): void {
  for (let left = ATTEMPTS; ; left--) {
    const { exitCode, stderr } = execaSync('qemu-img', words, { reject: false });
    if (exitCode === 0) return;
    if (left === 1 || !stderr.includes('Unable to get accurate CPU usage')) throw new Error(stderr);
  }
}
