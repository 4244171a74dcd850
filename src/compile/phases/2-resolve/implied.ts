import type { Context } from '../../context.ts';
import { assignMemorySlots } from '../../devices/memory/slots.ts';
import type { DeviceKind, ParsedDevices, ParsedDomain } from '../../domain.ts';
import { audioOfGraphics } from './implied/audio.ts';
import { chipsetWatchdog, defaultMemballoon, ps2Inputs } from './implied/chipset-devices.ts';
import { defaultControllers, numberAllControllers, orderControllers } from './implied/controllers.ts';

import { iommuOfManyVcpus, splitIrqchip } from './implied/interrupt-remapping.ts';
import { scsiHostdevs } from './implied/scsi-hostdevs.ts';
import { serialAndConsole } from './implied/serial-console.ts';
import { videoOfGraphics } from './implied/video.ts';

/** One device, or several of a kind, that a domain has without saying so. */
export type Implication = (domain: ParsedDomain, cx: Context) => Partial<ParsedDevices>;

/** In the order in which libvirt adds them: what one adds, the next sees. */
const IMPLICATIONS: readonly Implication[] = [
  assignMemorySlots,
  orderControllers,
  scsiHostdevs,
  numberAllControllers,
  serialAndConsole,
  defaultControllers,
  audioOfGraphics,
  videoOfGraphics,
  defaultMemballoon,
  ps2Inputs,
  chipsetWatchdog,
  iommuOfManyVcpus,
];

/** Adds what is implied, as if it had been written, and the feature that an implied device cannot be without. */
export function addImpliedDevices(domain: ParsedDomain, cx: Context): ParsedDomain {
  const emulator = domain.devices.emulator ?? cx.env.binary;
  let current: ParsedDomain = { ...domain, devices: { ...domain.devices, emulator } };
  for (const imply of IMPLICATIONS) {
    const implied = imply(current, cx);
    if (changes(current.devices, implied))
      current = { ...current, devices: { ...current.devices, ...implied } };
  }
  return splitIrqchip(current);
}

function changes(devices: ParsedDevices, implied: Partial<ParsedDevices>): boolean {
  for (const kind in implied) if (implied[kind as DeviceKind] !== devices[kind as DeviceKind]) return true;
  return false;
}
