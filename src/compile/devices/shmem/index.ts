import { jsonOption, keysOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { type Emission, type EmitContext, emits, type ValidateContext } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { chardevId } from '../../shared/chardev/index.ts';
import { PCI_CONVENTIONAL } from '../../shared/connection.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { requireType } from '../../shared/qemu-type.ts';
import { bytes } from '../../shared/size.ts';
import { shmemErrors } from './errors.ts';
import { type Shmem, type ShmemXml, shmemSchema } from './schema.ts';

const KIB_PER_MIB = 1024;
const DEFAULT_SIZE_KIB = 4 * KIB_PER_MIB;

export const shmem: DeviceModule<ShmemXml, Shmem> = {
  kind: 'shmem',
  schema: shmemSchema,
  resolve,
  connect: () => PCI_CONVENTIONAL,
  validate,
  emit,
};

/** No size is as good as none. */
function resolve({ size, ...rest }: ShmemXml): Shmem {
  const xml = { ...rest, ...(size && size.sizeKiB > 0 && { size }) };
  const model = xml.model ?? 'ivshmem';
  if (model === 'ivshmem-plain') return { ...xml, model, size: xml.size ?? { sizeKiB: DEFAULT_SIZE_KIB } };
  if (xml.server === undefined) return { ...xml, model };
  const { vectors, ioeventfd } = xml.msi ?? {};
  return { ...xml, model, msi: { ...xml.msi, vectors: vectors || undefined, ioeventfd: ioeventfd ?? true } };
}

function validate(device: Placed<Shmem>, cx: ValidateContext): void {
  const { name, model, role, size, server, msi } = device;
  const { report } = cx;
  if (name === '.' || name === '..' || name === '' || name.includes('/'))
    report.add(shmemErrors['not-a-file-name'], { name }, whereIs(device, '@name'));
  if (size !== undefined && !isPossibleSize(size.sizeKiB))
    report.add(shmemErrors['wrong-size'], { sizeKiB: size.sizeKiB }, whereIs(device, 'size'));
  if (model === 'ivshmem')
    report.add(shmemErrors['unsupported-model'], { model }, whereIs(device, 'model', '@type'));
  else requireType(model, whereIs(device, 'model', '@type'), cx);
  if (model === 'ivshmem-plain' && server !== undefined)
    report.add(shmemErrors['server-not-used'], { model }, whereIs(device, 'server'));
  if (model === 'ivshmem-doorbell') {
    if (server === undefined) report.add(shmemErrors['needs-server'], { model }, whereIs(device));
    if (size !== undefined) report.add(shmemErrors['size-not-used'], { model }, whereIs(device, 'size'));
    if (role !== undefined)
      report.add(shmemErrors['ignored-role'], { role, model }, whereIs(device, '@role'));
  }
  if (msi !== undefined && server === undefined)
    report.add(shmemErrors['msi-without-server'], undefined, whereIs(device, 'msi'));
}

function isPossibleSize(sizeKiB: number): boolean {
  return sizeKiB >= KIB_PER_MIB && Number.isInteger(Math.log2(sizeKiB));
}

function emit(device: Placed<Shmem>, cx: EmitContext): Emission {
  return device.model === 'ivshmem-plain' ? emitPlain(device, cx) : emitDoorbell(device, cx);
}

function emitPlain(device: Placed<Shmem>, cx: EmitContext): Emission {
  const { id, name, role, size } = device;
  const memory = jsonOption('-object', {
    'qom-type': 'memory-backend-file',
    id: `shmmem-${id}`,
    'mem-path': `/dev/shm/${name}`,
    size: bytes(size?.sizeKiB ?? DEFAULT_SIZE_KIB),
    share: true,
  });
  const own = {
    driver: 'ivshmem-plain',
    id,
    memdev: `shmmem-${id}`,
    master: role === undefined ? undefined : onOff(role === 'master'),
  };
  return emits(memory, jsonOption('-device', { ...own, ...addressProps(device, cx.domain) }));
}

/** `ivshmem-server` listens on the socket: it hands out the memory and the descriptors that the doorbells ring. */
function emitDoorbell(device: Placed<Shmem>, cx: EmitContext): Emission {
  const { id, name, server, msi } = device;
  const chardev = chardevId(id);
  const own = {
    driver: 'ivshmem-doorbell',
    id,
    chardev,
    vectors: msi?.vectors,
    ioeventfd: msi?.ioeventfd,
  };
  return emits(
    jsonOption('-device', { ...own, ...addressProps(device, cx.domain) }),
    keysOption('-chardev', [
      [null, 'socket'],
      ['id', chardev],
      ['path', server?.path ?? `/var/lib/libvirt/shmem-${name}-sock`],
    ]),
  );
}

/** `master` of QEMU's device also knows `auto` and is thus a word. */
function onOff(value: boolean): 'on' | 'off' {
  return value ? 'on' : 'off';
}
