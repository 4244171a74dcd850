import { type QemuCaps, schemaHas } from '../../plan/index.ts';

/** Whether QEMU shows its displays, and plays its sound, over D-Bus: since 7.0, where it was built with that. */
export function hasDbusDisplay(caps: QemuCaps): boolean {
  return schemaHas(caps, 'query-display-options', '@returned', 'type', '=dbus');
}
