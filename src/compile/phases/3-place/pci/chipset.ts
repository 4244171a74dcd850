import { whereIs } from '../../../../xml/index.ts';
import type { Context } from '../../../context.ts';
import type { Controller } from '../../../devices/controller/model.ts';
import { placeErrors } from '../errors.ts';
import { ich9Usb } from './companions.ts';
import { type PciRequest, writtenDomain } from './requests.ts';
import { formatPlace, type PciPlace, type PciSlots } from './slots.ts';
import type { PciTable } from './table.ts';

export type PciFamily = 'i440fx' | 'q35';

interface ChipsetDevice {
  readonly what: string;
  readonly place: PciPlace;
  readonly is: (controller: Controller) => boolean;
}

const at = (slot: number, fn = 0): PciPlace => ({ bus: 0, slot, function: fn });

/** Devices of the chipset that domain XML has as controllers: they are where the silicon has them. */
const CHIPSET_CONTROLLERS: Readonly<Record<PciFamily, readonly ChipsetDevice[]>> = {
  i440fx: [
    { what: 'the primary IDE controller', place: at(1, 1), is: (c) => c.type === 'ide' && c.index === 0 },
    {
      what: 'the PIIX3 USB controller',
      place: at(1, 2),
      is: (c) => c.type === 'usb' && c.index === 0 && c.model === 'piix3-uhci',
    },
  ],
  q35: [
    {
      what: 'the primary SATA controller',
      place: at(0x1f, 2),
      is: (c) => c.type === 'sata' && c.index === 0,
    },
  ],
};

/**
 * Functions that nothing else can have (format: "PCI addresses in domain XML and guest OS": PIIX3 with its IDE and power
 * management functions; ICH9 with ISA, SATA and SMBus). PIIX3's USB is not among them: QEMU has it only if the domain has.
 */
const RESERVED: Readonly<Record<PciFamily, readonly PciPlace[]>> = {
  i440fx: [at(1, 0), at(1, 1), at(1, 3)],
  q35: [at(0x1f, 0), at(0x1f, 2), at(0x1f, 3)],
};

const PRIMARY_VIDEO_SLOT: Readonly<Record<PciFamily, number>> = { i440fx: 2, q35: 1 };

/** Takes what the chipset has, and gives its controllers their places. */
export function reserveChipset(slots: PciSlots, family: PciFamily): void {
  for (const place of RESERVED[family]) slots.take(place, 'integrated');
}

/** The fixed place of a controller that is a part of the chipset. */
export function chipsetPlace({ kind, device }: PciRequest, family: PciFamily): ChipsetDevice | undefined {
  if (kind !== 'controller') return undefined;
  return CHIPSET_CONTROLLERS[family].find(({ is }) => is(device as unknown as Controller));
}

/** Reports a written address of a chipset device that is not where the device is. */
export function checkChipsetPlace(request: PciRequest, fixed: ChipsetDevice, cx: Context): void {
  const { written, device } = request;
  const domain = writtenDomain(device);
  const where = whereIs(device, 'address');
  if (domain) cx.report.add(placeErrors['pci-domain'], { domain }, where);
  if (written === undefined || formatPlace(written) === formatPlace(fixed.place)) return;
  const params = { what: fixed.what, address: formatPlace(written), fixed: formatPlace(fixed.place) };
  cx.report.add(placeErrors['chipset-address'], params, where);
}

/** Reports a controller of the PIIX3 at the place that it has there, on a machine whose type was changed to another chipset. */
export function checkOtherChipset(request: PciRequest, family: PciFamily, cx: Context): void {
  if (family === 'i440fx' || request.written === undefined) return;
  const there = chipsetPlace(request, 'i440fx');
  const address = formatPlace(request.written);
  if (there === undefined || address !== formatPlace(there.place)) return;
  cx.report.add(
    placeErrors['other-chipset'],
    { what: there.what, address },
    whereIs(request.device, 'address'),
  );
}

/**
 * Devices that go where real chipsets have them, if that is free: ICH9's USB and sound, a DMI bridge, the primary video.
 * The video comes before everything else even where its place is taken.
 */
export function placePreferred(
  table: PciTable,
  placing: readonly PciRequest[],
  family: PciFamily,
  primaryVideo: PciRequest | undefined,
): void {
  if (family === 'q35') placeLikeIch9(table, placing);
  if (primaryVideo === undefined) return;
  const place = at(PRIMARY_VIDEO_SLOT[family]);
  if (table.slots.isEmpty(0, place.slot)) table.put(primaryVideo, place);
  else table.find(primaryVideo);
}

const DMI_BRIDGE = at(0x1e);
const ICH9_USB_SLOTS: readonly PciPlace[] = [at(0x1d), at(0x1a)];

function placeLikeIch9(table: PciTable, placing: readonly PciRequest[]): void {
  const dmiBridge = placing.find(({ plug }) => plug === 'dmi-to-pci-bridge');
  if (dmiBridge !== undefined && table.slots.isEmpty(0, DMI_BRIDGE.slot)) table.put(dmiBridge, DMI_BRIDGE);
  for (const request of placing) {
    const candidates = ich9Usb(request)?.function === 0 ? ICH9_USB_SLOTS : preferred(request);
    const place = candidates.find(({ slot }) => table.slots.isEmpty(0, slot));
    if (place !== undefined) table.put(request, place);
  }
}

function preferred({ prefers }: PciRequest): readonly PciPlace[] {
  return prefers === undefined ? [] : [at(prefers.slot, prefers.function)];
}
