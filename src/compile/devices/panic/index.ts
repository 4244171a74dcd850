import { jsonOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { attribute, element, oneOf, type Read } from '../../../xml/schema/index.ts';
import { type Emission, type EmitContext, emits, type ValidateContext } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import type { CpuContributor } from '../../sections/cpu/emit.ts';
import { PCI_INTEGRATED } from '../../shared/connection.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo, type Placed } from '../../shared/device-base.ts';
import { requireType } from '../../shared/qemu-type.ts';
import { panicErrors } from './errors.ts';

/** Format: "panic device". */
const schema = element(() => ({
  model: attribute(oneOf('isa', 'pseries', 'hyperv', 's390', 'pvpanic')),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

type PanicXml = Read<typeof schema>;
export interface Panic extends PanicXml {
  readonly model: NonNullable<PanicXml['model']>;
}

export const panic: DeviceModule<PanicXml, Panic> = {
  kind: 'panic',
  schema,
  resolve: (xml) => ({ ...xml, model: xml.model ?? 'isa' }),
  connect: ({ model }) => (model === 'pvpanic' ? PCI_INTEGRATED : undefined),
  validate,
  emit,
};

const QOM_TYPE: Readonly<Partial<Record<Panic['model'], string>>> = {
  isa: 'pvpanic',
  pvpanic: 'pvpanic-pci',
};
const ADDRESS_TYPE: Readonly<Partial<Record<Panic['model'], string>>> = { isa: 'isa', pvpanic: 'pci' };

function validate(device: Placed<Panic>, cx: ValidateContext): void {
  const { model, address } = device;
  if (model === 'pseries' || model === 's390')
    cx.report.add(panicErrors['unsupported-model'], { model }, whereIs(device, '@model'));
  const type = QOM_TYPE[model];
  if (type !== undefined) requireType(type, whereIs(device, '@model'), cx);
  if (cx.domain.devices.panic.find((other) => other.model === model) !== device)
    cx.report.add(panicErrors['more-than-one'], { model }, whereIs(device));
  if (address !== undefined && address.type !== ADDRESS_TYPE[model])
    cx.report.add(panicErrors['wrong-address'], { model, type: address.type }, whereIs(device, 'address'));
}

/** Hyper-V's crash registers are a feature of the CPU and no device. */
function emit(device: Placed<Panic>, cx: EmitContext): Emission {
  const { model, address } = device;
  if (model === 'isa')
    return emits(
      jsonOption('-device', {
        driver: 'pvpanic',
        ioport: address?.type === 'isa' ? (address.iobase ?? 0) : undefined,
      }),
    );
  if (model !== 'pvpanic') return emits();
  return emits(jsonOption('-device', { driver: 'pvpanic-pci', ...addressProps(device, cx.domain) }));
}

/** `-cpu …,hv-crash`: the panic device of a guest that knows Hyper-V. */
export const panicCpuProperties: CpuContributor = ({ domain }) =>
  domain.devices.panic.some(({ model }) => model === 'hyperv') ? [['hv-crash', null]] : [];
