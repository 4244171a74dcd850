import { jsonOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  concatEmissions,
  type Emission,
  type EmitContext,
  emits,
  type ResolveContext,
  type ValidateContext,
} from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { changed } from '../../shared/changed.ts';
import {
  type Chardev,
  chardevId,
  consoleEndpoint,
  emitChardev,
  resolveChardev,
  validateChardev,
} from '../../shared/chardev/index.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { consoleErrors } from './errors.ts';
import { type ConsoleTarget, type ConsoleXml, consoleSchema } from './schema.ts';

export type Console = ConsoleXml &
  Chardev & {
    readonly target: ConsoleTarget & { readonly type: NonNullable<ConsoleTarget['type']> };
  };

/**
 * Format: "Console". A serial console is no device: it is the first serial port under another name, and
 * `phases/3-place` makes the two look alike.
 */
export const console: DeviceModule<ConsoleXml, Console> = {
  kind: 'console',
  schema: consoleSchema,
  resolve: (xml, cx) => {
    const { model: _, type = 'serial', ...rest } = xml.target ?? {};
    const target = { ...rest, type, port: cx.domain.devices.console.indexOf(xml) };
    if (type !== 'serial') return changed(resolveChardev(xml, cx), { target });
    reportOtherType(xml, cx);
    return { ...xml, type: xml.type ?? 'pty', target };
  },
  connect: ({ target }) => (target.type === 'virtio' ? { bus: 'virtio-serial', firstPort: 0 } : undefined),
  validate: validateConsole,
  emit: (device, cx) => (device.target.type === 'serial' ? emits() : emitVirtio(device, cx)),
};

/** What the first console says of the host side does not count if there is a serial port that says it. */
function reportOtherType({ type, ...xml }: ConsoleXml, cx: ResolveContext): void {
  const [serial] = cx.domain.devices.serial;
  const actual = serial?.type ?? 'pty';
  if (serial !== undefined && type !== undefined && type !== actual)
    cx.report.add(consoleErrors['type-of-serial'], { type, serial: actual }, whereIs(xml, '@type'));
}

function validateConsole(device: Placed<Console>, cx: ValidateContext): void {
  const { type } = device.target;
  const where = whereIs(device, 'target', '@type');
  if (type === 'virtio') {
    validateChardev(device, cx);
    if (device.address !== undefined && device.address.type !== 'virtio-serial')
      cx.report.add(
        consoleErrors['wrong-address'],
        { address: device.address.type },
        whereIs(device, 'address', '@type'),
      );
  } else if (type !== 'serial') cx.report.add(consoleErrors['unsupported-target'], { type }, where);
  else if (device !== cx.domain.devices.console[0])
    cx.report.add(consoleErrors['serial-not-first'], { type }, where);
}

function emitVirtio(device: Placed<Console>, cx: EmitContext): Emission {
  const { id } = device;
  const port = jsonOption('-device', {
    driver: 'virtconsole',
    ...addressProps(device, cx.domain),
    chardev: chardevId(id),
    id,
  });
  const emission = concatEmissions([emitChardev(device, { device: id }, cx), emits(port)]);
  return changed(emission, { consoles: [consoleEndpoint(device, id)] });
}
