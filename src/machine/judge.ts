import type { Plan } from '../plan/index.ts';
import type { MachineEvent } from './record.ts';
import type { Intent } from './state.ts';

/**
 * Why a machine is off, in virsh's words: `shutdown` by the guest, `destroyed` by us or by a signal, `crashed` in the
 * guest (panic), `failed`: QEMU ended without being asked to.
 */
export type EndReason = 'shutdown' | 'destroyed' | 'crashed' | 'failed';

export interface Judgement {
  readonly reason: EndReason;
  /** What the domain asks for in this case. */
  readonly restart: boolean;
}

/**
 * Judges an ended QEMU by its flight record: the reason of the last SHUTDOWN (QAPI's ShutdownCause) and what was
 * asked of it. Without SHUTDOWN QEMU was killed or died.
 */
export function judge(
  events: readonly MachineEvent[],
  lifecycle: Plan['lifecycle'],
  intent?: Intent,
): Judgement {
  if (intent === 'destroy') return { reason: 'destroyed', restart: false };
  const shutdown = events.findLast(({ event }) => event === 'SHUTDOWN');
  switch (shutdown?.data.reason) {
    case undefined:
      return { reason: 'failed', restart: false };
    case 'guest-shutdown':
      return { reason: 'shutdown', restart: intent === 'reboot' || restarts(lifecycle.onPoweroff) };
    case 'guest-reset':
    case 'host-qmp-system-reset':
    case 'subsystem-reset':
      return { reason: 'shutdown', restart: intent === 'reboot' || restarts(lifecycle.onReboot) };
    case 'guest-panic':
      return { reason: 'crashed', restart: restarts(lifecycle.onCrash) };
    case 'host-error':
      return { reason: 'failed', restart: false };
    default:
      return { reason: 'destroyed', restart: false };
  }
}

function restarts(action: string): boolean {
  return action === 'restart' || action === 'rename-restart' || action === 'coredump-restart';
}
