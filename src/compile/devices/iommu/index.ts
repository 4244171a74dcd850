import { jsonOption, type PropValue } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  child,
  element,
  integer,
  oneOf,
  onOff,
  type Read,
  required,
} from '../../../xml/schema/index.ts';
import { type Emission, type EmitContext, emits, type ValidateContext } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { PCI_INTEGRATED } from '../../shared/connection.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo, type Placed } from '../../shared/device-base.ts';
import { isQ35, machineOf } from '../../shared/machine.ts';
import { requireProperty, requireType } from '../../shared/qemu-type.ts';
import { iommuErrors } from './errors.ts';

/** Format: "IOMMU devices". */
const schema = element(() => ({
  model: required(attribute(oneOf('intel', 'smmuv3', 'virtio'))),
  driver: child(
    element(() => ({
      intremap: attribute(onOff),
      caching_mode: attribute(onOff),
      eim: attribute(onOff),
      iotlb: attribute(onOff),
      aw_bits: attribute(integer({ max: 255 })),
      dma_translation: attribute(onOff),
    })),
  ),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

type Iommu = Read<typeof schema>;

export const iommu: DeviceModule<Iommu> = {
  kind: 'iommu',
  schema,
  resolve,
  connect: ({ model }) => (model === 'virtio' ? PCI_INTEGRATED : undefined),
  validate,
  emit,
};

/** An address width of no bits is QEMU's own, so it is not said. */
function resolve(xml: Iommu): Iommu {
  if (xml.driver?.aw_bits !== 0) return xml;
  const { aw_bits: _, ...driver } = xml.driver;
  return { ...xml, driver };
}

/** `virtio-iommu` is another name of `virtio-iommu-pci` (`qemu-system-x86_64 -device help`). */
const QOM_TYPE = { intel: 'intel-iommu', virtio: 'virtio-iommu-pci' } as const;

function validate(device: Placed<Iommu>, cx: ValidateContext): void {
  const { model, driver, address } = device;
  const { domain, report } = cx;
  if (device !== domain.devices.iommu[0])
    report.add(iommuErrors['more-than-one'], undefined, whereIs(device));
  if (model === 'smmuv3') {
    report.add(iommuErrors['unsupported-model'], { model }, whereIs(device, '@model'));
    return;
  }
  if (!isQ35(domain))
    report.add(iommuErrors['not-q35'], { model, machine: machineOf(domain) }, whereIs(device, '@model'));
  requireType(QOM_TYPE[model], whereIs(device, '@model'), cx);
  if (model === 'virtio') validateVirtio(device, cx);
  else {
    if (address !== undefined) report.add(iommuErrors['no-address'], { model }, whereIs(device, 'address'));
    validateIntel(driver, cx);
  }
}

function validateVirtio(device: Placed<Iommu>, cx: ValidateContext): void {
  const { domain, report } = cx;
  const { model, driver } = device;
  const [option] = Object.keys(driver ?? {});
  if (option !== undefined)
    report.add(iommuErrors['no-options'], { model, option }, whereIs(driver, `@${option}`));
  // Firmware boots from disks behind it only where QEMU lets what it does not know pass at first.
  requireProperty(QOM_TYPE.virtio, 'boot-bypass', whereIs(device, '@model'), cx);
  if (domain.features?.acpi === undefined) report.add(iommuErrors['needs-acpi'], { model }, whereIs(device));
}

/** What the first `intel-iommu` did not have. */
const OPTIONAL_PROPERTIES = [
  ['aw_bits', 'aw-bits'],
  ['dma_translation', 'dma-translation'],
] as const;

function validateIntel(driver: Iommu['driver'], cx: ValidateContext): void {
  const { domain, report } = cx;
  for (const [attribute, property] of OPTIONAL_PROPERTIES)
    if (driver?.[attribute] !== undefined)
      requireProperty('intel-iommu', property, whereIs(driver, `@${attribute}`), cx);
  const irqchip = domain.features?.ioapic;
  if (driver?.intremap === true && irqchip !== undefined && irqchip !== 'qemu')
    report.add(iommuErrors['needs-split-irqchip'], undefined, whereIs(driver, '@intremap'));
  if (driver?.eim === true && driver.intremap !== true)
    report.add(iommuErrors['eim-without-intremap'], undefined, whereIs(driver, '@eim'));
}

function emit(device: Placed<Iommu>, cx: EmitContext): Emission {
  const { id, model } = device;
  if (model !== 'intel')
    return emits(jsonOption('-device', { driver: 'virtio-iommu', id, ...addressProps(device, cx.domain) }));
  return emits(jsonOption('-device', { driver: 'intel-iommu', id, ...intelProps(device.driver) }));
}

function intelProps(driver: Iommu['driver']): Record<string, PropValue | undefined> {
  return {
    intremap: onOffAuto(driver?.intremap),
    'caching-mode': driver?.caching_mode,
    eim: onOffAuto(driver?.eim),
    'device-iotlb': driver?.iotlb,
    'aw-bits': driver?.aw_bits,
    'dma-translation': driver?.dma_translation,
  };
}

/** These properties of QEMU also know `auto` and are thus words. */
function onOffAuto(value: boolean | undefined): 'on' | 'off' | undefined {
  if (value === undefined) return undefined;
  return value ? 'on' : 'off';
}
