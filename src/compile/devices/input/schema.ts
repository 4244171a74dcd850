import {
  attribute,
  child,
  element,
  oneOf,
  onOff,
  type Read,
  required,
  string,
} from '../../../xml/schema/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { virtioOptions } from '../../shared/virtio-options.ts';

/** Format: "Input devices". */
export const inputSchema = element(() => ({
  type: required(attribute(oneOf('mouse', 'tablet', 'keyboard', 'passthrough', 'evdev'))),
  bus: attribute(oneOf('ps2', 'usb', 'xen', 'virtio')),
  model: attribute(oneOf('virtio', 'virtio-transitional', 'virtio-non-transitional')),
  driver: child(element(() => virtioOptions)),
  source: child(
    element(() => ({
      evdev: attribute(string({ nonEmpty: true })),
      dev: attribute(string({ nonEmpty: true })),
      grab: attribute(oneOf('all')),
      grabToggle: attribute(
        oneOf('ctrl-ctrl', 'alt-alt', 'shift-shift', 'meta-meta', 'scrolllock', 'ctrl-scrolllock'),
      ),
      repeat: attribute(onOff),
    })),
  ),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

export type InputXml = Read<typeof inputSchema>;

/** An input device whose bus is known; one that reads the host's events itself has none. */
export type Input = InputXml;
