import type { DeviceKind, Domain, ParsedDomain } from '../domain.ts';
import type { DeviceBase } from './device-base.ts';

/**
 * Whether a device is the first console where that is the first serial port under another name (format: "Relationship
 * between serial ports and consoles"): its address and its alias are the port's, and nobody has them twice.
 */
export function isSerialPortAgain(
  kind: DeviceKind,
  device: DeviceBase,
  { devices }: ParsedDomain | Domain,
): boolean {
  const [first] = devices.console;
  return kind === 'console' && device === first && first.target?.type === 'serial';
}
