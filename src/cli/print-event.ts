import type { MachineEvent } from '../machine/index.ts';

/** `2026-01-02T03:04:05.678Z SHUTDOWN guest=true reason=guest-shutdown` */
export function printEvent({ event, data, timestampMs }: MachineEvent): string {
  const details = Object.entries(data).map(
    ([k, v]) => `${k}=${typeof v === 'object' ? JSON.stringify(v) : String(v)}`,
  );
  return [new Date(timestampMs).toISOString(), event, ...details].join(' ');
}
