import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { changed } from '../../shared/changed.ts';
import { familyOf } from '../../shared/machine.ts';
import { withoutEmptyMapping } from '../../shared/queue-mapping.ts';
import { controllerErrors } from './errors.ts';
import type { Controller, PciModel } from './model.ts';
import type { ControllerXml, ControllerXmlOf } from './schema.ts';

/** QEMU's device for each model that has only one name for it. */
export const PCI_MODEL_NAMES: Partial<Record<PciModel, NonNullable<ControllerXmlOf<'pci'>['modelName']>>> = {
  'pci-bridge': 'pci-bridge',
  'dmi-to-pci-bridge': 'i82801b11-bridge',
  'pcie-to-pci-bridge': 'pcie-pci-bridge',
  'pcie-root-port': 'pcie-root-port',
  'pcie-switch-upstream-port': 'x3130-upstream',
  'pcie-switch-downstream-port': 'xio3130-downstream',
  'pci-expander-bus': 'pxb',
  'pcie-expander-bus': 'pxb-pcie',
};

/** The first port of the EHCI controller that a companion of the ICH9 serves (Intel ICH9 data sheet, 5.19). */
const COMPANION_PORTS: Readonly<Record<string, number>> = {
  'ich9-uhci1': 0,
  'ich9-uhci2': 2,
  'ich9-uhci3': 4,
};

/** Models by default; the index is there already (`phases/2-resolve/implied/controllers`). */
export function resolve(written: ControllerXml, cx: ResolveContext): Controller {
  const xml = withoutZeros(written);
  const index = xml.index ?? 0;
  switch (xml.type) {
    case 'pci':
      return resolvePci(xml, index, cx);
    case 'usb':
      return resolveUsb(xml, index, cx);
    case 'scsi':
      return changed(xml, {
        index,
        model: xml.model === undefined || xml.model === 'auto' ? ('lsilogic' as const) : xml.model,
      });
    default:
      return changed(xml, { index }) as Controller;
  }
}

/** In these options 0 is what QEMU does anyway, and no choice. */
function withoutZeros<X extends ControllerXml>(xml: X): X {
  const { driver } = xml;
  if (driver === undefined) return xml;
  const { queues, cmd_per_lun, max_sectors, iothread, ...rest } = withoutEmptyMapping(driver);
  const counts = Object.entries({ queues, cmd_per_lun, max_sectors, iothread }).filter(([, count]) => count);
  return { ...xml, driver: { ...Object.fromEntries(counts), ...rest } };
}

function resolvePci(written: ControllerXmlOf<'pci'>, index: number, cx: ResolveContext): Controller {
  const xml = onlyRootHasHole(written, cx);
  const given = xml.modelName === 'none' ? undefined : xml.modelName;
  const modelName = given ?? (xml.model && PCI_MODEL_NAMES[xml.model]);
  return changed(xml, { index, modelName });
}

function onlyRootHasHole(xml: ControllerXmlOf<'pci'>, cx: ResolveContext): ControllerXmlOf<'pci'> {
  const { pcihole64, ...rest } = xml;
  const { model } = xml;
  if (pcihole64 === undefined || model === undefined || model === 'pci-root' || model === 'pcie-root')
    return xml;
  cx.report.add(controllerErrors['hole-not-of-root'], { model }, whereIs(xml, 'pcihole64'));
  return rest;
}

/** `model='none'` says that there is no USB: nothing else of it is kept. */
function resolveUsb(xml: ControllerXmlOf<'usb'>, index: number, cx: ResolveContext): Controller {
  const { type, model = defaultUsbModel(cx) } = xml;
  if (model === 'none')
    return { type, index, model, ports: xml.ports, driver: xml.driver, [SOURCE]: xml[SOURCE] };
  return changed(xml, { index, model, ...masterOf(xml) });
}

function masterOf({ model, master }: ControllerXmlOf<'usb'>): Pick<ControllerXmlOf<'usb'>, 'master'> {
  if (master !== undefined) return { master: changed(master, { startport: master.startport ?? 0 }) };
  const startport = COMPANION_PORTS[model ?? ''];
  return startport === undefined ? {} : { master: { startport } };
}

function defaultUsbModel(cx: ResolveContext): 'piix3-uhci' | 'pci-ohci' {
  return familyOf(cx.domain) === 'other' ? 'pci-ohci' : 'piix3-uhci';
}
