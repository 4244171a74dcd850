import { jsonOption } from '../../../plan/index.ts';
import { attribute, element, oneOf, type Read, required } from '../../../xml/schema/index.ts';
import { concatEmissions, emits } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import {
  type Chardev,
  chardevFields,
  chardevId,
  chardevType,
  emitChardev,
  resolveChardev,
  validateChardev,
} from '../../shared/chardev/index.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { usbFilter } from '../redirfilter/index.ts';

const redirdevSchema = element(() => ({
  bus: attribute(oneOf('usb')),
  type: required(attribute(chardevType)),
  ...chardevFields,
  boot: deviceInfo.boot,
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

type RedirdevXml = Read<typeof redirdevSchema>;
type Redirdev = RedirdevXml & Chardev & { readonly bus: 'usb' };

/** What QEMU's D-Bus display calls the channel of redirected devices. */
const DBUS_CHANNEL = 'org.qemu.usbredir';

/** A USB device that comes over a character device (format: "Redirected devices"; QEMU's usb-redir). */
export const redirdev: DeviceModule<RedirdevXml, Redirdev> = {
  kind: 'redirdev',
  schema: redirdevSchema,
  resolve: (xml, cx) => {
    const resolved = resolveChardev(xml, cx);
    const [source, ...more] = resolved.source;
    return {
      ...resolved,
      bus: 'usb',
      ...(xml.type === 'dbus' && {
        source: [{ seclabel: [], ...source, channel: source?.channel ?? DBUS_CHANNEL }, ...more],
      }),
    };
  },
  connect: () => ({ bus: 'usb' }),
  validate: (device, cx) => validateChardev(device, cx, { carriesSpice: true }),
  emit: (device, cx) =>
    concatEmissions([
      emitChardev(device, { device: device.id, spiceName: 'usbredir' }, cx),
      emits(
        jsonOption('-device', {
          driver: 'usb-redir',
          chardev: chardevId(device.id),
          id: device.id,
          filter: usbFilter(cx.domain.devices.redirfilter),
          bootindex: device.boot?.order,
          ...addressProps(device, cx.domain),
        }),
      ),
    ]),
};
