import { fail } from '../../errors/index.ts';
import type { UsbDeviceRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { alone } from '../owners.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep } from './step.ts';

export interface UsbDeviceRecord {
  /** Its interfaces that have a driver (`1-1:1.0`, `usbhid`). */
  readonly drivers: readonly (readonly [string, string])[];
  readonly [key: string]: unknown;
}

const DEVICES = '/sys/bus/usb/devices';

/**
 * A USB device of the host. QEMU takes its interfaces from their drivers by libusb, and gives them back where it ends by itself;
 * where it is killed, the kernel leaves them without one (usbfs(5): what is released is not probed again).
 */
export const usbDeviceStep: HostStep<UsbDeviceRequirement, UsbDeviceRecord> = {
  type: 'usb-device',

  describe: ({ path }) => ({
    act: `take the USB device '${path}'`,
    undo: 'QEMU gives it back at its end, and its drivers have it again',
  }),

  owns: ({ path }) => [alone(`usb:${path}`)],

  async check({ device, path }, host) {
    if (host.status(path) === undefined) throw fail(hostErrors['usb-device-missing'], { device, path });
    if (!host.mayUse(path)) throw fail(hostErrors['device-unusable'], { path });
  },

  async intend({ path }, host) {
    const interfaces = interfacesOf(host, path);
    return {
      drivers: interfaces.flatMap((name) => {
        const driver = driverOf(host, name);
        return driver === undefined ? [] : [[name, driver] as const];
      }),
    };
  },

  async apply(_requirement, intent) {
    return intent;
  },

  async undo({ drivers }, host) {
    for (const [name, driver] of drivers)
      if (host.status(`${DEVICES}/${name}`) !== undefined && driverOf(host, name) === undefined)
        bind(host, name, driver);
  },
};

/** A device's are named after it: `1-1.2` has `1-1.2:1.0` (Documentation/driver-api/usb/usb.rst). */
function interfacesOf(host: HostSystem, path: string): readonly string[] {
  const [bus, device] = path.split('/').slice(-2).map(Number);
  const names = host.listDirectory(DEVICES);
  const number = (name: string, file: string) => Number(host.readText(`${DEVICES}/${name}/${file}`) ?? NaN);
  const own = names.find((name) => number(name, 'busnum') === bus && number(name, 'devnum') === device);
  return names.filter((name) => name.startsWith(`${own}:`));
}

function driverOf(host: HostSystem, name: string): string | undefined {
  return host.readLink(`${DEVICES}/${name}/driver`)?.split('/').at(-1);
}

/** The kernel's words for a device that is not there any more, or is another by now, and for one that is bound meanwhile. */
const NOT_ITS_OWN: ReadonlySet<string | undefined> = new Set(['ENODEV', 'ENOENT', 'EBUSY']);

function bind(host: HostSystem, name: string, driver: string): void {
  try {
    host.overwrite(`/sys/bus/usb/drivers/${driver}/bind`, name);
  } catch (error) {
    if (!NOT_ITS_OWN.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}
