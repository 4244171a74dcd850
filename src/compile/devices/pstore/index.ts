import { jsonOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  child,
  childText,
  element,
  oneOf,
  type Read,
  required,
  string,
} from '../../../xml/schema/index.ts';
import {
  type Emission,
  type EmitContext,
  emits,
  type ResolveContext,
  type ValidateContext,
} from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { PCI_CONVENTIONAL } from '../../shared/connection.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo, type Placed } from '../../shared/device-base.ts';
import { requireType } from '../../shared/qemu-type.ts';
import { bytes, sizeSchema } from '../../shared/size.ts';
import { pstoreErrors } from './errors.ts';

/** Format: "Pstore". */
const schema = element(() => ({
  backend: required(attribute(oneOf('acpi-erst'))),
  path: childText(string({ nonEmpty: true })),
  size: required(child(sizeSchema)),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

type PstoreXml = Read<typeof schema>;
export interface Pstore extends PstoreXml {
  readonly path: string;
}

export const pstore: DeviceModule<PstoreXml, Pstore> = {
  kind: 'pstore',
  schema,
  resolve: (xml, cx) => ({ ...xml, path: xml.path ?? defaultPath(cx) }),
  connect: () => PCI_CONVENTIONAL,
  validate,
  emit,
};

/** Beside the domain's variable store: both must outlive it. */
function defaultPath({ env, domain }: ResolveContext): string {
  return `${env.config.nvramDir}/${domain.name ?? ''}_PSTORE.raw`;
}

/** A record of ACPI's error record serialization, and QEMU's `acpi-erst` wants two of them at least. */
const SMALLEST_KIB = 8;

function validate(device: Placed<Pstore>, cx: ValidateContext): void {
  const { sizeKiB } = device.size;
  const { report } = cx;
  if (sizeKiB < SMALLEST_KIB || !Number.isInteger(Math.log2(sizeKiB)))
    report.add(pstoreErrors['wrong-size'], { sizeKiB }, whereIs(device, 'size'));
  if (device !== cx.domain.devices.pstore[0])
    report.add(pstoreErrors['more-than-one'], undefined, whereIs(device));
  requireType('acpi-erst', whereIs(device), cx);
}

function emit(device: Placed<Pstore>, cx: EmitContext): Emission {
  const { id, path, size } = device;
  const memory = jsonOption('-object', {
    'qom-type': 'memory-backend-file',
    id: `mem${id}`,
    'mem-path': path,
    size: bytes(size.sizeKiB),
    share: true,
  });
  const own = { driver: 'acpi-erst', id, memdev: `mem${id}` };
  return emits(memory, jsonOption('-device', { ...own, ...addressProps(device, cx.domain) }));
}
