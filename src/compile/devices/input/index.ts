import { jsonOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  type Emission,
  type EmitContext,
  emits,
  type ResolveContext,
  type ValidateContext,
} from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { type Connection, PCI_EXPRESS } from '../../shared/connection.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { fileOwner } from '../../shared/file-owner.ts';
import { hasPs2, machineOf } from '../../shared/machine.ts';
import { firstVirtioOption, virtioDriver, virtioProps } from '../../shared/virtio-options.ts';
import { inputErrors } from './errors.ts';
import { type Input, type InputXml, inputSchema } from './schema.ts';

type Type = Input['type'];
type Bus = NonNullable<Input['bus']>;

export const input: DeviceModule<InputXml, Input> = {
  kind: 'input',
  schema: inputSchema,
  resolve,
  connect,
  validate,
  emit,
};

/** What each type is on if nobody says; PCs have PS/2 sockets for two of them. */
const DEFAULT_BUS: Readonly<Partial<Record<Type, Bus>>> = {
  mouse: 'ps2',
  keyboard: 'ps2',
  tablet: 'usb',
  passthrough: 'virtio',
};

/** QEMU's devices (`qemu-system-x86_64 -device help`); PS/2 is a part of the machine. */
const USB_DRIVERS: Readonly<Partial<Record<Type, string>>> = {
  mouse: 'usb-mouse',
  tablet: 'usb-tablet',
  keyboard: 'usb-kbd',
};
const VIRTIO_DRIVERS: Readonly<Partial<Record<Type, string>>> = {
  mouse: 'virtio-mouse',
  tablet: 'virtio-tablet',
  keyboard: 'virtio-keyboard',
  passthrough: 'virtio-input-host',
};

function resolve({ source, ...xml }: InputXml, cx: ResolveContext): Input {
  const { type } = xml;
  const bus = xml.bus ?? DEFAULT_BUS[type];
  const own = { ...xml, ...(bus && { bus }) };
  if (source === undefined) return own;
  if (readsEvents(type)) return { ...own, source };
  cx.report.add(inputErrors['ignored-source'], { type }, whereIs(source));
  return own;
}

/** Types that a device of the host is behind. */
function readsEvents(type: Type): boolean {
  return type === 'passthrough' || type === 'evdev';
}

function connect({ bus }: Input): Connection | undefined {
  if (bus === 'usb') return { bus };
  return bus === 'virtio' ? PCI_EXPRESS : undefined;
}

function validate(device: Placed<Input>, cx: ValidateContext): void {
  validateBus(device, cx);
  validateVirtio(device, cx);
  validateAddress(device, cx);
  const { type, source } = device;
  const name = type === 'evdev' ? 'dev' : 'evdev';
  if (readsEvents(type) && source?.[name] === undefined)
    cx.report.add(inputErrors['missing-event-device'], { type, name }, whereIs(source ?? device));
}

function validateBus(device: Placed<Input>, cx: ValidateContext): void {
  const { type, bus } = device;
  if (bus === undefined) return;
  const where = whereIs(device, '@bus');
  if (type === 'evdev') cx.report.add(inputErrors['bus-of-evdev'], { type, bus }, where);
  else if (bus === 'xen') cx.report.add(inputErrors['unsupported-bus'], { bus }, where);
  else if (!isOnBus(type, bus)) cx.report.add(inputErrors['not-on-bus'], { type, bus }, where);
  else if (bus === 'ps2') validatePs2(device, cx);
}

function isOnBus(type: Type, bus: Bus): boolean {
  if (bus === 'ps2') return type === 'mouse' || type === 'keyboard';
  if (bus === 'usb') return USB_DRIVERS[type] !== undefined;
  return VIRTIO_DRIVERS[type] !== undefined;
}

function validatePs2(device: Placed<Input>, { domain, report }: ValidateContext): void {
  const where = whereIs(device, '@bus');
  if (!hasPs2(domain)) report.add(inputErrors['no-ps2'], { machine: machineOf(domain) }, where);
  else if (domain.features?.ps2?.state === false) report.add(inputErrors['ps2-off'], undefined, where);
}

function validateVirtio({ type, bus, model, driver, ...device }: Placed<Input>, cx: ValidateContext): void {
  const where = whereIs(device, '@model');
  if (model !== undefined && bus !== 'virtio')
    cx.report.add(inputErrors['model-needs-virtio'], { model, bus: bus ?? 'none' }, where);
  else if (model !== undefined && model !== 'virtio')
    cx.report.add(inputErrors['unsupported-model'], { model, type }, where);
  const option = firstVirtioOption(driver);
  if (option !== undefined && bus !== 'virtio')
    cx.report.add(inputErrors['ignored-option'], { option }, whereIs(driver, `@${option}`));
}

function validateAddress(device: Placed<Input>, cx: ValidateContext): void {
  const { bus, address } = device;
  if (address === undefined) return;
  const { type } = address;
  const where = whereIs(device, 'address', '@type');
  if (bus === 'usb' && type !== 'usb') cx.report.add(inputErrors['not-usb'], { type }, where);
  else if (bus !== 'usb' && bus !== 'virtio') cx.report.add(inputErrors['ignored-address'], { type }, where);
}

function emit(device: Placed<Input>, cx: EmitContext): Emission {
  const { id, type, bus, driver, source } = device;
  const host = fileOwner(id, source?.dev ?? source?.evdev, { access: 'write' }, cx);
  if (type === 'evdev') return { ...emits(eventObject(device)), host };
  const usb = bus === 'usb' ? USB_DRIVERS[type] : undefined;
  const virtio = bus === 'virtio' ? VIRTIO_DRIVERS[type] : undefined;
  if (usb !== undefined)
    return emits(jsonOption('-device', { driver: usb, id, ...addressProps(device, cx.domain) }));
  if (virtio === undefined) return emits();
  const own = {
    driver: virtioDriver(virtio, undefined),
    ...virtioProps(driver),
    id,
    evdev: type === 'passthrough' ? source?.evdev : undefined,
  };
  return { ...emits(jsonOption('-device', { ...own, ...addressProps(device, cx.domain) })), host };
}

/** QEMU reads the host's event device and gives what it says to whatever keyboard and mouse the guest has. */
function eventObject({ id, source }: Placed<Input>) {
  return jsonOption('-object', {
    'qom-type': 'input-linux',
    id,
    evdev: source?.dev,
    repeat: source?.repeat,
    grab_all: source?.grab === undefined ? undefined : true,
    'grab-toggle': source?.grabToggle,
  });
}
