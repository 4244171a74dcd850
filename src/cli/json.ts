/** JSON as qdom prints it. It has no bigint: a size beyond 2^53 prints as text rather than wrong. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, withoutBigint, 2);
}

function withoutBigint(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}
