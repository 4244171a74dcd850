import { jsonOption, type QemuOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  child,
  element,
  integer,
  oneOf,
  type Read,
  required,
  string,
  text,
} from '../../../xml/schema/index.ts';
import {
  concatEmissions,
  type Emission,
  type EmitContext,
  emits,
  type ResolveContext,
  type ValidateContext,
} from '../../context.ts';
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
import { virtioConnection } from '../../shared/connection.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo, type Placed } from '../../shared/device-base.ts';
import { exactlyOne } from '../../shared/exactly-one.ts';
import { requireType } from '../../shared/qemu-type.ts';
import { virtioDriver, virtioOptions, virtioProps } from '../../shared/virtio-options.ts';
import { rngErrors } from './errors.ts';

const backendSchema = element(() => ({
  model: required(attribute(oneOf('random', 'egd', 'builtin'))),
  type: attribute(chardevType),
  path: text(string()),
  ...chardevFields,
}));

/** Format: "Random number generator device". */
const schema = element(() => ({
  model: required(attribute(oneOf('virtio', 'virtio-transitional', 'virtio-non-transitional'))),
  rate: child(element(() => ({ bytes: attribute(integer()), period: attribute(integer()) }))),
  backend: exactlyOne(child(backendSchema)),
  driver: child(element(() => virtioOptions)),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

type Rng = Read<typeof schema>;
type Backend = Rng['backend'];

/** What QEMU reads where the domain names no file. */
const DEFAULT_SOURCE = '/dev/random';
/** A rate without a period is per second. */
const DEFAULT_PERIOD_MS = 1000;

export const rng: DeviceModule<Rng> = {
  kind: 'rng',
  schema,
  resolve,
  connect: ({ model }) => virtioConnection(model),
  validate,
  emit,
};

function resolve({ rate, ...xml }: Rng, cx: ResolveContext): Rng {
  const backend = resolveBackend(xml.backend, cx);
  if (rate === undefined) return { ...xml, backend };
  const { bytes, period } = rate;
  if (bytes) return { ...xml, rate: { bytes, ...(period && { period }) }, backend };
  cx.report.add(rngErrors['ignored-rate'], undefined, whereIs(rate));
  return { ...xml, backend };
}

/** Only what says something for the model is kept. */
function resolveBackend(backend: Backend, cx: ResolveContext): Backend {
  const { model, type, path, source, protocol, log, ...rest } = backend;
  if (model === 'egd') {
    if (type === undefined) cx.report.add(rngErrors['missing-type'], { model }, whereIs(backend));
    return resolveChardev({ ...rest, model, type, source, protocol, log }, cx);
  }
  if (type !== undefined || source.length > 0 || protocol !== undefined || log !== undefined)
    cx.report.add(rngErrors['no-character-device'], { model }, whereIs(backend));
  if (model === 'random') return { ...rest, model, source: [], path: path ?? DEFAULT_SOURCE };
  if (path !== undefined) cx.report.add(rngErrors['no-source'], { model, path }, whereIs(backend));
  return { ...rest, model, source: [] };
}

function validate({ backend }: Placed<Rng>, cx: ValidateContext): void {
  requireType(`rng-${backend.model}`, whereIs(backend, '@model'), cx);
  if (backend.model === 'egd') validateChardev(backend as Backend & Chardev, cx);
}

function emit(device: Placed<Rng>, cx: EmitContext): Emission {
  const { id, model, driver, rate, backend } = device;
  const chardev = backend.model === 'egd' ? emitChardev(backend as Chardev, { device: id }, cx) : emits();
  const virtio = jsonOption('-device', {
    driver: virtioDriver('virtio-rng', model),
    ...virtioProps(driver),
    rng: `obj${id}`,
    id,
    'max-bytes': rate?.bytes,
    period: rate && (rate.period ?? DEFAULT_PERIOD_MS),
    ...addressProps(device, cx.domain),
  });
  return concatEmissions([chardev, emits(source(device), virtio)]);
}

function source({ id, backend }: Placed<Rng>): QemuOption {
  const object = `obj${id}`;
  switch (backend.model) {
    case 'random':
      return jsonOption('-object', { 'qom-type': 'rng-random', id: object, filename: backend.path });
    case 'egd':
      return jsonOption('-object', { 'qom-type': 'rng-egd', id: object, chardev: chardevId(id) });
    case 'builtin':
      return jsonOption('-object', { 'qom-type': 'rng-builtin', id: object });
  }
}
