import { jsonOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { attribute, child, element, integer, oneOf, type Read, required } from '../../../xml/schema/index.ts';
import { type Emission, type EmitContext, emits, type ValidateContext } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { PCI_CONVENTIONAL } from '../../shared/connection.ts';
import { addressProps } from '../../shared/device-address.ts';
import { deviceInfo, type Placed } from '../../shared/device-base.ts';
import { exactlyOne } from '../../shared/exactly-one.ts';
import { requireType } from '../../shared/qemu-type.ts';
import { virtioDriver, virtioOptions, virtioProps } from '../../shared/virtio-options.ts';

/** Format: "Crypto". */
const schema = element(() => ({
  model: required(attribute(oneOf('virtio'))),
  type: required(attribute(oneOf('qemu'))),
  backend: exactlyOne(
    child(
      element(() => ({
        model: required(attribute(oneOf('builtin', 'lkcf'))),
        queues: attribute(integer()),
      })),
    ),
  ),
  driver: child(element(() => virtioOptions)),
  alias: deviceInfo.alias,
  acpi: deviceInfo.acpi,
  address: deviceInfo.address,
}));

type Crypto = Read<typeof schema>;

/** libvirt has it among the conventional devices, although it is virtio: its place is a part of the guest's ABI. */
export const crypto: DeviceModule<Crypto> = {
  kind: 'crypto',
  schema,
  resolve,
  connect: () => PCI_CONVENTIONAL,
  validate,
  emit,
};

/** No queues is what QEMU has by itself, so it is not said. */
function resolve(xml: Crypto): Crypto {
  const { queues, ...backend } = xml.backend;
  return queues ? xml : { ...xml, backend };
}

function qomType({ backend }: Crypto): string {
  return `cryptodev-backend-${backend.model}`;
}

function validate(device: Placed<Crypto>, cx: ValidateContext): void {
  requireType(qomType(device), whereIs(device.backend, '@model'), cx);
}

function emit(device: Placed<Crypto>, cx: EmitContext): Emission {
  const { id, driver, backend } = device;
  const cryptodev = `obj${id}`;
  const virtio = {
    driver: virtioDriver('virtio-crypto', undefined),
    ...virtioProps(driver),
    cryptodev,
    id,
    ...addressProps(device, cx.domain),
  };
  return emits(
    jsonOption('-object', { 'qom-type': qomType(device), id: cryptodev, queues: backend.queues }),
    jsonOption('-device', virtio),
  );
}
