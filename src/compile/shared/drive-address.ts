import type { DriveBus } from './connection.ts';

/** A drive's address with nothing left out. */
export interface DriveAddress {
  readonly type: 'drive';
  readonly controller: number;
  readonly bus: number;
  readonly target: number;
  readonly unit: number;
}

/**
 * How many drives a controller takes before the next one is begun; a name says where a disk is, so these numbers are a
 * part of the guest's ABI. A parallel SCSI bus has seven places beside the adapter's own, and libvirt counts so on every
 * model.
 */
const DRIVES_PER_CONTROLLER: Readonly<Record<DriveBus, number>> = { ide: 4, sata: 6, fdc: 2, scsi: 7 };
const DRIVES_PER_IDE_CHANNEL = 2;

/** The most controllers of a type that an address can ask for: beyond this the address is a mistake. */
export const MOST_DRIVE_CONTROLLERS = 1000;

/** The parts of an address that a controller has only one of, whose number is thus 0. */
const SINGLE_PARTS: Readonly<Record<DriveBus, readonly ('controller' | 'bus' | 'target')[]>> = {
  ide: ['target'],
  sata: ['bus', 'target'],
  fdc: ['controller', 'bus', 'target'],
  scsi: ['bus'],
};

/** The parts of a drive's address that are not 0 and have to be; an `lsilogic` has no targets, its units are these. */
export function numbersBeyond(
  bus: DriveBus,
  address: DriveAddress,
  model: string | undefined,
): readonly { readonly part: string; readonly value: number }[] {
  const parts = [...SINGLE_PARTS[bus], ...(model === 'lsilogic' ? (['target'] as const) : [])];
  return parts.map((part) => ({ part, value: address[part] })).filter(({ value }) => value !== 0);
}

export function isDriveBus(bus: string): bus is DriveBus {
  return Object.hasOwn(DRIVES_PER_CONTROLLER, bus);
}

/** Where the drive with a number is: `hdc` is drive 2, the first on the second channel of the first IDE controller. */
export function driveAddress(bus: DriveBus, index: number): DriveAddress {
  const perController = DRIVES_PER_CONTROLLER[bus];
  const controller = Math.floor(index / perController);
  const place = index % perController;
  const channel = bus === 'ide' ? Math.floor(place / DRIVES_PER_IDE_CHANNEL) : 0;
  const unit = bus === 'ide' ? place % DRIVES_PER_IDE_CHANNEL : place;
  return { type: 'drive', controller, bus: channel, target: 0, unit };
}
