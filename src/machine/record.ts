/** One event of the flight record, as QEMU wrote it. */
export interface MachineEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. */
  readonly timestampMs: number;
}

/** The event in one line of the flight record; undefined for the greeting, replies and a line that is cut. */
export function parseEvent(line: string): MachineEvent | undefined {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { event, data, timestamp } = (message ?? {}) as {
    event?: unknown;
    data?: Record<string, unknown>;
    timestamp?: { seconds: number; microseconds: number };
  };
  if (typeof event !== 'string') return undefined;
  const { seconds = 0, microseconds = 0 } = timestamp ?? {};
  const timestampMs = seconds * 1000 + Math.floor(microseconds / 1000);
  return { event, data: data ?? {}, timestampMs: Number.isFinite(timestampMs) ? timestampMs : 0 };
}

export function parseRecord(text: string): MachineEvent[] {
  return text.split('\n').flatMap((line) => parseEvent(line) ?? []);
}
