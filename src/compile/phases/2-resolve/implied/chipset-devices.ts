import { familyOf, hasPs2, isQ35 } from '../../../shared/machine.ts';
import type { Implication } from '../implied.ts';

/** Every domain has a memory balloon unless it says that it has none. */
export const defaultMemballoon: Implication = (domain) => {
  const { memballoon } = domain.devices;
  const hasPci = ['i440fx', 'q35'].includes(familyOf(domain));
  return memballoon.length > 0 || !hasPci ? {} : { memballoon: [{ model: 'virtio' }] };
};

/** The watchdog of the ICH9 is always there; QEMU has one action for all watchdogs. */
export const chipsetWatchdog: Implication = (domain) => {
  const { watchdog } = domain.devices;
  if (!isQ35(domain) || watchdog.some(({ model }) => model === 'itco')) return {};
  return { watchdog: [...watchdog, { model: 'itco', action: watchdog[0]?.action ?? 'reset' }] };
};

/** PCs have a PS/2 mouse and keyboard unless their controller is turned off. */
export const ps2Inputs: Implication = (domain) => {
  const { input } = domain.devices;
  if (!hasPs2(domain) || domain.features?.ps2?.state === false) return {};
  const missing = (['mouse', 'keyboard'] as const).filter(
    (type) => !input.some((device) => device.type === type && device.bus === 'ps2'),
  );
  return { input: [...input, ...missing.map((type) => ({ type, bus: 'ps2' as const }))] };
};
