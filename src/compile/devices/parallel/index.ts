import { jsonOption } from '../../../plan/index.ts';
import { attribute, child, element, integer, type Read } from '../../../xml/schema/index.ts';
import { concatEmissions, emits } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import {
  type Chardev,
  chardevFields,
  chardevId,
  chardevType,
  emitChardev,
  resolveChardev,
  validateChardev,
} from '../../shared/chardev/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { outputOnlyAttribute } from '../../shared/output-only.ts';
import { attributeWithoutMeaning } from '../../shared/without-meaning.ts';

const targetSchema = element(() => ({
  type: attributeWithoutMeaning(),
  port: attribute(integer({ min: -1, max: 2 ** 31 - 1, samples: [0, 2] })),
  model: child(element(() => ({ name: attributeWithoutMeaning() }))),
}));

const parallelSchema = element(() => ({
  type: attribute(chardevType),
  tty: outputOnlyAttribute(),
  ...chardevFields,
  target: child(targetSchema),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

type ParallelXml = Read<typeof parallelSchema>;
type Parallel = ParallelXml & Chardev & { readonly target: { readonly port: number } };

/** As written, else one more than the highest that stands before it. */
function portOf(parallel: ParallelXml, all: readonly ParallelXml[]): number {
  let highest = -1;
  for (const other of all) {
    const written = other.target?.port ?? -1;
    const port = written < 0 ? highest + 1 : written;
    if (other === parallel) return port;
    highest = Math.max(highest, port);
  }
  return 0;
}

/** Format: "Parallel port". QEMU counts the ports by itself; a number is for the XML alone. */
export const parallel: DeviceModule<ParallelXml, Parallel> = {
  kind: 'parallel',
  schema: parallelSchema,
  resolve: (xml, cx) => ({
    ...resolveChardev(xml, cx),
    target: { ...xml.target, port: portOf(xml, cx.domain.devices.parallel) },
  }),
  validate: (device, cx) => validateChardev(device, cx),
  emit: (device, cx) =>
    concatEmissions([
      emitChardev(device, { device: device.id, parallel: true }, cx),
      emits(jsonOption('-device', { driver: 'isa-parallel', chardev: chardevId(device.id), id: device.id })),
    ]),
};
