import { fail } from '../../errors/index.ts';
import { uuidOfName } from '../../host/mdev/sysfs.ts';
import type { NodeDevice } from '../../host/node-devices/index.ts';
import { functionAddress, nodeDeviceName } from '../../host/pci/names.ts';
import { isVfioDriver } from '../../host/pci/vfio.ts';
import { detachFunction, reattachFunction, resetNodeDevice } from '../../machine/index.ts';
import { argument, type CommandModule, textOption } from '../command.ts';
import { cliErrors } from '../errors.ts';
import { machinesOf } from '../machines.ts';
import { nodeDeviceXml } from '../node-device-xml.ts';
import { definedNodeDevice, type ListedDevice, listedDevices } from '../node-devices.ts';

/** The commands for the host's devices, in virsh's words. */
export const list: CommandModule = {
  run: async (cx, _args, options) => {
    const types = textOption(options, 'cap')?.split(',');
    if (options.tree === true && types !== undefined)
      throw fail(cliErrors.usage, {
        problem: '--tree shows all devices, and --cap some',
        hint: 'give one of them',
      });
    const all = selected(listedDevices(machinesOf(cx)), options);
    const shown = types === undefined ? all : all.filter((d) => types.some((type) => has(d, type)));
    cx.answer(shown, () => (options.tree === true ? tree(all) : shown.map((d) => d.name).join('\n')));
    return undefined;
  },
};

/** Only those that are there, unless more is asked for: of mediated devices some are only defined. */
function selected(
  all: readonly ListedDevice[],
  { all: both, inactive, persistent, transient }: Readonly<Record<string, unknown>>,
): readonly ListedDevice[] {
  if (transient === true && (persistent === true || inactive === true))
    throw fail(cliErrors.usage, {
      problem: 'what is transient is there, and is not defined',
      hint: 'give --transient alone, or with --all',
    });
  return all.filter(
    (one) =>
      (both === true || one.isActive === (inactive !== true)) &&
      (persistent !== true || one.isPersistent) &&
      (transient !== true || !one.isPersistent),
  );
}

/** A device's own type; functions that can make mediated devices, and those that vfio has, are more than PCI functions. */
function has({ capability, driver }: NodeDevice, type: string): boolean {
  if (type === 'mdev_types') return capability.type === 'pci' && capability.mdevTypes.length > 0;
  if (type === 'vfio') return driver !== undefined && isVfioDriver(driver);
  return capability.type === type;
}

function tree(devices: readonly NodeDevice[]): string {
  const lines = (device: NodeDevice, indent: string): readonly string[] => {
    const below = devices.filter(({ parent }) => parent === device.name);
    return below.flatMap((one, i) => {
      const isLast = i === below.length - 1;
      return [`${indent}+- ${one.name}`, ...lines(one, `${indent}${isLast ? '  ' : '| '} `)];
    });
  };
  return devices
    .filter(({ parent }) => parent === undefined)
    .flatMap((top) => [top.name, ...lines(top, '  ')])
    .join('\n');
}

export const dumpxml: CommandModule = {
  run: async (cx, args, options) => {
    const name = argument(args, 0);
    const found =
      options.inactive === true
        ? definedNodeDevice(machinesOf(cx), name)
        : namedDevice(listedDevices(machinesOf(cx)), name);
    const xml = nodeDeviceXml(found);
    cx.answer({ ...found, xml }, () => xml);
    return undefined;
  },
};

/** By its name; a PCI function also by its address, a mediated device also by its UUID. What is there comes first. */
function namedDevice(all: readonly ListedDevice[], name: string): ListedDevice {
  const address = functionAddress(name);
  const uuid = uuidOfName(name);
  const wanted = address === undefined ? name : nodeDeviceName(address);
  const found = all.find(
    ({ name: of, capability }) => of === wanted || (capability.type === 'mdev' && capability.uuid === uuid),
  );
  if (found === undefined) throw fail(cliErrors['no-such-device'], { name });
  return found;
}

export const detach: CommandModule = {
  run: async (cx, args, options) => {
    const name = argument(args, 0);
    const driver = textOption(options, 'driver');
    const done = await detachFunction(machinesOf(cx), name, driver === undefined ? {} : { driver });
    cx.answer(done, () => `Device ${name} detached`);
    return undefined;
  },
};

export const reattach: CommandModule = {
  run: async (cx, args) => {
    const name = argument(args, 0);
    const done = await reattachFunction(machinesOf(cx), name);
    cx.answer(done, () => `Device ${name} re-attached`);
    return undefined;
  },
};

export const reset: CommandModule = {
  run: async (cx, args) => {
    const name = argument(args, 0);
    const done = await resetNodeDevice(machinesOf(cx), name);
    cx.answer(done, () => `Device ${name} reset`);
    return undefined;
  },
};
