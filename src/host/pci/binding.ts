import { fail, messageOf } from '../../errors/index.ts';
import type { HostSystem } from '../system.ts';
import { waitUntil } from '../wait.ts';
import { pciErrors } from './errors.ts';
import { driverOf, functionDirectory, functionText, groupOf, isThere } from './functions.ts';
import { isGroupInUse, isVfioDriver } from './vfio.ts';

/** Which driver a function has, and which it would get. */
export interface Binding {
  readonly driver?: string;
  /** The only driver that may have it (sysfs: driver_override). */
  readonly override?: string;
}

/** What sysfs shows where no driver is forced. */
const NO_OVERRIDE = '(null)';

export function bindingOf(host: HostSystem, address: string): Binding {
  const driver = driverOf(host, address);
  const override = functionText(host, address, 'driver_override');
  return {
    ...(driver !== undefined && { driver }),
    ...(override !== undefined && override !== '' && override !== NO_OVERRIDE && { override }),
  };
}

/**
 * Takes a function from its driver and gives it to `driver`, which has to be loaded. Does nothing where it has that driver.
 * @throws QdomError `pci/bind-failed`.
 */
export async function bindTo(host: HostSystem, address: string, driver: string): Promise<void> {
  const now = bindingOf(host, address);
  if (now.driver === driver) return;
  setOverride(host, address, driver);
  if (now.driver !== undefined) await unbind(host, address, now.driver);
  write(host, address, driver, '/sys/bus/pci/drivers_probe', address);
  expectDriver(host, address, driver);
}

/**
 * Gives a function back that `taken` was given: as it was `before`. Does nothing where that is so, where the function is not
 * there any more, and where it has a driver that is neither: somebody else wanted that.
 * @throws QdomError `pci/bind-failed`, `host/pci-function-busy`.
 */
export async function restoreBinding(
  host: HostSystem,
  address: string,
  taken: string,
  before: Binding,
): Promise<void> {
  if (!isThere(host, address)) return;
  const now = bindingOf(host, address);
  if (now.override !== before.override) setOverride(host, address, before.override);
  if (now.driver === before.driver) return;
  if (now.driver !== undefined && now.driver !== taken) return;
  if (now.driver !== undefined) await unbind(host, address, now.driver);
  if (before.driver === undefined) return;
  write(host, address, before.driver, `/sys/bus/pci/drivers/${before.driver}/bind`, address);
  expectDriver(host, address, before.driver);
}

/** Gives a function to the driver that the kernel picks for it; to none if it knows none. */
export async function probeAnew(host: HostSystem, address: string): Promise<void> {
  const { driver, override } = bindingOf(host, address);
  if (override !== undefined) setOverride(host, address, undefined);
  if (driver !== undefined) await unbind(host, address, driver);
  write(host, address, 'its driver', '/sys/bus/pci/drivers_probe', address);
}

function setOverride(host: HostSystem, address: string, driver: string | undefined): void {
  const path = `${functionDirectory(address)}/driver_override`;
  write(host, address, driver ?? 'no driver', path, `${driver ?? ''}\n`);
}

const IN_USE_TIMEOUT_MS = 5_000;

/** The kernel lets nobody unbind a function that a process has open by vfio: it waits, without end, for that process. */
async function unbind(host: HostSystem, address: string, driver: string): Promise<void> {
  const group = groupOf(host, address);
  if (isVfioDriver(driver) && group !== undefined) {
    const isFree = await waitUntil(() => !isGroupInUse(host, group), IN_USE_TIMEOUT_MS);
    if (!isFree) throw fail(pciErrors['function-busy'], { function: address, group });
  }
  write(host, address, driver, `${functionDirectory(address)}/driver/unbind`, address);
}

function write(host: HostSystem, address: string, driver: string, path: string, text: string): void {
  try {
    host.overwrite(path, text);
  } catch (cause) {
    const reason = messageOf(cause);
    throw fail(pciErrors['bind-failed'], { function: address, driver, reason }, { cause });
  }
}

function expectDriver(host: HostSystem, address: string, driver: string): void {
  const found = driverOf(host, address);
  if (found === driver) return;
  const reason = `the kernel has given it ${found === undefined ? 'no driver' : `the driver '${found}'`}`;
  throw fail(pciErrors['bind-failed'], { function: address, driver, reason });
}

/**
 * Resets a function, where the kernel knows how.
 * @throws QdomError `pci/reset-failed` with what the kernel said.
 */
export function resetFunction(host: HostSystem, address: string): void {
  const path = `${functionDirectory(address)}/reset`;
  if (host.status(path) === undefined) return;
  try {
    host.overwrite(path, '1');
  } catch (cause) {
    // None of the ways in which the kernel tried it works for this function.
    if ((cause as NodeJS.ErrnoException).code === 'ENOTTY') return;
    const reason = messageOf(cause);
    throw fail(pciErrors['reset-failed'], { function: address, reason }, { cause });
  }
}
