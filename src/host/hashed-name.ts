import { createHash } from 'node:crypto';

const DIGITS = 32;

/** A file's name for what may be called anything. */
export function hashedName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}
