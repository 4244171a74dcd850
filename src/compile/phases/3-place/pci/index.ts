import { whereIs } from '../../../../xml/index.ts';
import type { Context } from '../../../context.ts';
import type { PciModel } from '../../../devices/controller/model.ts';
import { isOf } from '../../../devices/controller/model.ts';
import { DEVICE_KINDS, type ParsedDomain } from '../../../domain.ts';
import { changed } from '../../../shared/changed.ts';
import type { DeviceBase } from '../../../shared/device-base.ts';
import { familyOf, machineOf } from '../../../shared/machine.ts';
import { addControllers } from '../add-controllers.ts';
import { placeErrors } from '../errors.ts';
import { mapDevices } from '../map-devices.ts';
import { checkControllers } from './check-controllers.ts';
import {
  checkChipsetPlace,
  checkOtherChipset,
  chipsetPlace,
  type PciFamily,
  placePreferred,
  reserveChipset,
} from './chipset.ts';
import { type PciRequest, type PciRequests, pciRequests } from './requests.ts';
import { PciTable } from './table.ts';
import { withTargets } from './targets.ts';

/**
 * Gives every PCI device its address and adds the bridges and ports that this takes. What is added takes slots itself,
 * so everything is placed anew with it, until nothing is missing.
 */
export function placePci(resolved: ParsedDomain, cx: Context): ParsedDomain {
  const family = familyOf(resolved);
  if (family !== 'i440fx' && family !== 'q35') {
    refuseAll(pciRequests(resolved, false), resolved, cx);
    return resolved;
  }
  if (!checkControllers(resolved, family, cx)) return resolved;
  const isExpress = family === 'q35';
  let domain = fillGaps(resolved, isExpress, cx);
  const keepsSpare = isExpress && domain === resolved && busModels(domain).length === 1;
  for (let isFirst = true; ; isFirst = false) {
    const table = assign(domain, family, cx);
    if (isFirst && table.added.length > 0 && keepsSpare) table.next('express');
    if (isFirst && !isExpress && table.hadRoom && table.slots.next('conventional') === undefined)
      table.grow('pci-bridge');
    if (table.added.length === 0 || cx.report.hasErrors) return withTargets(withPlaces(domain, table), cx);
    domain = addPciControllers(withMoved(domain, table), table.added, cx);
  }
}

function assign(domain: ParsedDomain, family: PciFamily, cx: Context): PciTable {
  const requests = pciRequests(domain, family === 'q35');
  const table = new PciTable(busModels(domain), cx);
  const fixed = new Set<PciRequest>();
  for (const request of [...requests.taking, ...requests.placing]) {
    const chipset = chipsetPlace(request, family);
    if (chipset === undefined) {
      checkOtherChipset(request, family, cx);
      continue;
    }
    checkChipsetPlace(request, chipset, cx);
    table.put(request, chipset.place);
    fixed.add(request);
  }
  reserveChipset(table.slots, family);
  for (const request of requests.taking)
    if (request.written !== undefined && !fixed.has(request)) table.takeWritten(request, request.written);
  table.noteRoom();
  const placing = requests.placing.filter((r) => !fixed.has(r));
  placePreferred(
    table,
    placing,
    family,
    placing.find((r) => r.device === domain.devices.video[0]),
  );
  for (const request of placing) if (!table.places.has(request.device)) table.find(request);
  return table;
}

/** The models of the PCI controllers by their index; a root that nobody wrote is there all the same. */
function busModels(domain: ParsedDomain): readonly PciModel[] {
  const models: PciModel[] = [];
  for (const controller of domain.devices.controller.filter(isOf('pci')))
    if (controller.model !== undefined) models[controller.index] = controller.model;
  return models;
}

/** Buses between those that were written: the numbers of buses have no holes. */
function fillGaps(domain: ParsedDomain, isExpress: boolean, cx: Context): ParsedDomain {
  const models = busModels(domain);
  const missing = [...models.keys()].filter((index) => models[index] === undefined);
  const model = isExpress ? 'pcie-root-port' : 'pci-bridge';
  if (missing.length === 0) return domain;
  return addControllers(
    domain,
    missing.map((index) => ({ type: 'pci', index, model })),
    cx,
  );
}

function addPciControllers(domain: ParsedDomain, models: readonly PciModel[], cx: Context): ParsedDomain {
  const first = busModels(domain).length;
  return addControllers(
    domain,
    models.map((model, i) => ({ type: 'pci', index: first + i, model })),
    cx,
  );
}

/** The domain with the addresses of the table. */
function withPlaces(domain: ParsedDomain, table: PciTable): ParsedDomain {
  return mapDevices(domain, DEVICE_KINDS, (device) => withPlace(device, table));
}

/** The domain with the written addresses that mean another bus, for the next attempt. */
function withMoved(domain: ParsedDomain, { moved }: PciTable): ParsedDomain {
  if (moved.size === 0) return domain;
  return mapDevices(domain, DEVICE_KINDS, (device) => {
    const { address } = device;
    const place = moved.get(device);
    return place === undefined || address?.type !== 'pci'
      ? device
      : { ...device, address: { ...address, ...place } };
  });
}

/** The device with its place. Function 0 of a slot with more functions says so unless it is written otherwise. */
function withPlace(device: DeviceBase, { places, slots }: PciTable): DeviceBase {
  const place = places.get(device);
  if (place === undefined) return device;
  const written = device.address?.type === 'pci' ? device.address : undefined;
  const multifunction =
    written?.multifunction ?? (place.function === 0 && slots.isMultifunction(place) ? true : undefined);
  const address = changed(written ?? {}, { type: 'pci' as const, domain: 0, ...place });
  return changed(device, { address: multifunction === undefined ? address : { multifunction, ...address } });
}

function refuseAll({ taking, placing }: PciRequests, domain: ParsedDomain, cx: Context): void {
  for (const { kind, device } of [...taking, ...placing])
    cx.report.add(placeErrors['no-pci'], { machine: machineOf(domain), kind }, whereIs(device));
}
