const MINOR_BITS = 8n;

/** `major:minor` of a device number of Linux (makedev(3)). */
export function deviceNumbers(rdev: bigint): string {
  const major = ((rdev >> MINOR_BITS) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}
