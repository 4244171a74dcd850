import { jsonOption } from '../../../plan/index.ts';
import { attribute, element, oneOf, type Read, required } from '../../../xml/schema/index.ts';
import { emits } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo } from '../../shared/device-base.ts';

/** Format: "Hub devices". */
const schema = element(() => ({
  type: required(attribute(oneOf('usb'))),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

export const hub: DeviceModule<Read<typeof schema>> = {
  kind: 'hub',
  schema,
  resolve: (xml) => xml,
  connect: () => ({ bus: 'usb' }),
  emit: (device, cx) =>
    emits(jsonOption('-device', { driver: 'usb-hub', id: device.id, ...addressProps(device, cx.domain) })),
};
