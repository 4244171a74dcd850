import { randomUUID } from 'node:crypto';
import { readMediatedDevice } from '../../compile/node-device/index.ts';
import { mdevName } from '../../host/mdev/sysfs.ts';
import { functionAddress } from '../../host/pci/names.ts';
import {
  createMdev,
  defineMdev,
  destroyMdev,
  readMdevDefinition,
  startMdev,
  undefineMdev,
} from '../../machine/mdevs/index.ts';
import type { MediatedDevice } from '../../plan/index.ts';
import { argument, type CommandModule } from '../command.ts';
import type { CliContext } from '../context.ts';
import { machinesOf } from '../machines.ts';
import { readXml } from '../read-xml.ts';

/** The commands for mediated devices, in virsh's words. */
export const create = command(async (cx, file) => {
  const device = await read(cx, file);
  await createMdev(machinesOf(cx), device);
  return [device, `Node device ${mdevName(device)} created from ${file}`];
});

export const define = command(async (cx, file) => {
  const device = await read(cx, file);
  await defineMdev(machinesOf(cx), device);
  return [device, `Node device '${mdevName(device)}' defined from '${file}'`];
});

export const undefine = command(async (cx, name) => {
  const device = readMdevDefinition(machinesOf(cx), name);
  await undefineMdev(machinesOf(cx), name);
  return [device, `Undefined node device '${mdevName(device)}'`];
});

export const start = command(async (cx, name) => {
  const device = await startMdev(machinesOf(cx), name);
  return [device, `Device ${mdevName(device)} started`];
});

export const destroy = command(async (cx, name) => {
  const device = await destroyMdev(machinesOf(cx), name);
  return [device, `Destroyed node device '${mdevName(device)}'`];
});

function command(
  act: (cx: CliContext, word: string) => Promise<readonly [MediatedDevice, string]>,
): CommandModule {
  return {
    run: async (cx, args) => {
      const [device, said] = await act(cx, argument(args, 0));
      cx.answer({ name: mdevName(device), ...device }, () => said);
      return undefined;
    },
  };
}

function read(cx: CliContext, file: string): Promise<MediatedDevice> {
  const sysfsName = (parent: string) => functionAddress(parent) ?? parent;
  return readXml(cx, file, (input, report) =>
    readMediatedDevice(input.text, { newUuid: randomUUID, sysfsName, file: input.file, report }),
  );
}
