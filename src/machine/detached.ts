import { fail, QdomError } from '../errors/index.ts';
import { hostErrors } from '../host/errors.ts';
import { openSteps, writeEntry } from '../host/journal.ts';
import { alone, otherOwner, withDirectoryLock } from '../host/owners.ts';
import { bindingOf, bindTo, probeAnew, resetFunction } from '../host/pci/binding.ts';
import { pciErrors } from '../host/pci/errors.ts';
import {
  driverOf,
  functionDirectory,
  groupOf,
  isBridge,
  isThere,
  pciFunctions,
} from '../host/pci/functions.ts';
import { linkOfCard } from '../host/pci/link.ts';
import { functionAddress, nodeDeviceName } from '../host/pci/names.ts';
import { checkVfio, driverName, isGroupInUse, isVfioDriver } from '../host/pci/vfio.ts';
import { undoSteps, withUndoFailures } from '../host/realise.ts';
import { checkVirtualFunctions } from '../host/steps/pci-function.ts';
import type { MachineContext } from './context.ts';
import { detachedDirectory, detachmentJournal } from './files.ts';
import { ensureDirectory } from './host-files.ts';
import { ownersFor } from './owners.ts';

/**
 * Takes a PCI function from its driver for guests, until `reattachFunction`: an act of the operator's own. What it was bound to
 * is on disk before. Does nothing where vfio has it.
 * @param name `pci_0000_01_00_0` or `0000:01:00.0`
 * @throws QdomError `pci/…`, `host/taken`.
 */
export function detachFunction(
  cx: MachineContext,
  name: string,
  { driver: wanted }: { readonly driver?: string } = {},
): Promise<{ readonly function: string; readonly driver: string }> {
  return withFunction(cx, name, async (address, journal) => {
    const { host } = cx;
    const driver = driverName(host, wanted);
    const bound = driverOf(host, address);
    checkVfio(host, name, address, driver);
    checkVirtualFunctions({ device: name, function: address }, host, bound);
    if (bound !== undefined && isVfioDriver(bound) && (wanted === undefined || bound === driver))
      return { function: address, driver: bound };
    // What an earlier one found that was killed, or that took another driver, is what it goes back to.
    const first = openSteps(host, journal)[0]?.record;
    const link = first === undefined ? linkOfCard(host, address) : first.link;
    const before = first?.before ?? bindingOf(host, address);
    const record = { function: address, driver, before, ...(link !== undefined && { link }) };
    writeEntry(host, journal, { op: 'intent', step: 0, type: 'pci-function', record });
    try {
      await bindTo(host, address, driver);
    } catch (error) {
      if (!(error instanceof QdomError)) throw error;
      throw withUndoFailures(error, await giveBack(cx, journal));
    }
    return { function: address, driver };
  });
}

/**
 * Gives a function back that `detachFunction` took; any other goes to the driver that the kernel picks for it.
 * @throws QdomError `pci/…`, `host/taken`, `host/undo-failed` (to be tried again).
 */
export function reattachFunction(
  cx: MachineContext,
  name: string,
): Promise<{ readonly function: string; readonly driver?: string }> {
  return withFunction(cx, name, async (address, journal) => {
    const { host } = cx;
    const before = bindingOf(host, address);
    if (host.status(journal) !== undefined) {
      const failures = await giveBack(cx, journal);
      if (failures.length > 0) throw new QdomError(failures);
    } else if (before.driver === undefined || isVfioDriver(before.driver) || before.override !== undefined) {
      await probeAnew(host, address);
    }
    const driver = driverOf(host, address);
    return { function: address, ...(driver !== undefined && { driver }) };
  });
}

/** @throws QdomError `pci/not-resettable`, `pci/reset-failed`, `pci/function-busy`, `host/taken`. */
export function resetNodeDevice(cx: MachineContext, name: string): Promise<{ readonly function: string }> {
  return withFunction(cx, name, async (address) => {
    const { host } = cx;
    if (host.status(`${functionDirectory(address)}/reset`) === undefined)
      throw fail(pciErrors['not-resettable'], { function: address });
    const group = groupOf(host, address);
    if (group !== undefined && isGroupInUse(host, group))
      throw fail(pciErrors['function-busy'], { function: address, group });
    resetFunction(host, address);
    return { function: address };
  });
}

/** A function that vfio has. */
export interface VfioFunction {
  readonly function: string;
  /** `pci_0000_01_00_0` */
  readonly name: string;
  readonly driver: string;
  /** The machine that has it. */
  readonly machine?: string;
  /** `nodedev-detach` took it from this driver; `none` if it had none. */
  readonly detachedFrom?: string;
}

/** Every function that vfio has, or that a `nodedev-detach` that was killed may have on its way to it. */
export function vfioFunctions(cx: MachineContext): readonly VfioFunction[] {
  const { host, directories } = cx;
  return pciFunctions(host).flatMap((address) => {
    const driver = driverOf(host, address);
    const [detached] = openSteps(host, detachmentJournal(directories, nodeDeviceName(address)));
    if (detached === undefined && (driver === undefined || !isVfioDriver(driver))) return [];
    const machine = otherOwner(host, ownersFor(cx, ''), alone(`pci:${address}`));
    const { before = {} } = (detached?.record ?? {}) as { readonly before?: { readonly driver?: string } };
    return [
      {
        function: address,
        name: nodeDeviceName(address),
        driver: driver ?? 'none',
        ...(machine !== undefined && { machine }),
        ...(detached !== undefined && { detachedFrom: before.driver ?? 'none' }),
      },
    ];
  });
}

/** One of these at a time, and on no function that a machine has. */
async function withFunction<T>(
  cx: MachineContext,
  name: string,
  act: (address: string, journal: string) => Promise<T>,
): Promise<T> {
  const { host, directories } = cx;
  const address = functionAddress(name);
  if (address === undefined || !isThere(host, address))
    throw fail(pciErrors['no-such-node-device'], { name });
  if (isBridge(host, address)) throw fail(pciErrors.bridge, { device: name, function: address });
  const directory = detachedDirectory(directories);
  ensureDirectory(host, directory);
  return withDirectoryLock(host, directory, () => {
    const owners = ownersFor(cx, '');
    ensureDirectory(host, owners.directory);
    // Nor does a machine take it while this is under way.
    return withDirectoryLock(host, owners.directory, () => {
      const resource = `pci:${address}`;
      const machine = otherOwner(host, owners, alone(resource));
      if (machine !== undefined) throw fail(hostErrors.taken, { resource, machine });
      return act(address, detachmentJournal(directories, nodeDeviceName(address)));
    });
  });
}

async function giveBack({ host }: MachineContext, journal: string) {
  const failures = await undoSteps(host, journal, 'ended');
  if (failures.length === 0 && host.status(journal) !== undefined) host.removeFile(journal);
  return failures;
}
