import type { QemuCaps } from './caps.ts';
import { schemaHas } from './caps.ts';
import { keysOption, plainOption, type QemuOption } from './option.ts';
import type { Plan } from './plan.ts';

/** The descriptor on which the QMP monitor listens; the launcher makes it before QEMU starts. */
export const QMP_LISTENER_FD = 'qmp';

/** QEMU's own directory in the run directory: what it makes by itself is there. */
export const QEMU_HOME = 'qemu';

/** The chardev whose files hold every event of QEMU's life: `events.in` and `events.out` in the run directory. */
export const FLIGHT_RECORDER = 'events';

/**
 * What qdom's own profile puts around the guest, and all in which it differs from libvirt's: `-S`, the monitor
 * on an inherited listening socket, the flight recorder (a second QMP monitor whose output is a regular file), and
 * what QEMU does by itself when the guest resets, powers off or panics. Printed where libvirt prints its monitor.
 * @param runDir the machine's run directory, an absolute path
 */
export function qdomFrame(runDir: string, caps: QemuCaps, lifecycle: Plan['lifecycle']): QemuOption[] {
  return [
    plainOption('-S'),
    keysOption('-chardev', [
      [null, 'socket'],
      ['id', 'charmonitor'],
      ['fd', { fd: QMP_LISTENER_FD }],
      ['server', true],
      ['wait', false],
    ]),
    keysOption('-mon', [
      ['chardev', 'charmonitor'],
      ['id', 'monitor'],
      ['mode', 'control'],
    ]),
    keysOption('-chardev', [
      [null, 'pipe'],
      ['id', 'charevents'],
      ['path', `${runDir}/${FLIGHT_RECORDER}`],
    ]),
    keysOption('-mon', [
      ['chardev', 'charevents'],
      ['id', FLIGHT_RECORDER],
      ['mode', 'control'],
    ]),
    ...lifecycleOptions(caps, lifecycle),
  ];
}

/** `-action` came with the command `set-action` (QEMU 6.0); before it `-no-reboot` and `-no-shutdown` say the same. */
function lifecycleOptions(
  caps: QemuCaps,
  { onReboot, onPoweroff, onCrash }: Plan['lifecycle'],
): QemuOption[] {
  const reboot = onReboot === 'restart' ? 'reset' : 'shutdown';
  const shutdown = onPoweroff === 'preserve' ? 'pause' : 'poweroff';
  const panic = onCrash === 'preserve' ? 'pause' : 'shutdown';
  if (schemaHas(caps, 'set-action'))
    return [
      keysOption('-action', [
        ['reboot', reboot],
        ['shutdown', shutdown],
        ['panic', panic],
      ]),
    ];
  return [
    ...(reboot === 'shutdown' ? [plainOption('-no-reboot')] : []),
    ...(shutdown === 'pause' ? [plainOption('-no-shutdown')] : []),
  ];
}
