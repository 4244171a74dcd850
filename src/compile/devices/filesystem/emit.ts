import {
  type HostRequirement,
  jsonOption,
  keysOption,
  type PropValue,
  type QemuOption,
} from '../../../plan/index.ts';
import { type Emission, type EmitContext, emits } from '../../context.ts';
import { bootIndex } from '../../shared/boot-index.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { machineDirectory } from '../../shared/machine-paths.ts';
import { vhostUserChardev, vhostUserSocket } from '../../shared/vhost-user-socket.ts';
import { virtioDriver, virtioProps } from '../../shared/virtio-options.ts';
import { driverOf, type Filesystem } from './model.ts';

/** A directory of the host in the guest: by 9p, by virtiofsd, or as a USB media device. */
export function emitFilesystem(filesystem: Placed<Filesystem>, cx: EmitContext): Emission {
  switch (driverOf(filesystem)) {
    case 'mtp':
      return emits(mtpDevice(filesystem, cx));
    case 'virtiofs':
      return virtiofs(filesystem, cx);
    default:
      return emits(fsdev(filesystem), p9Device(filesystem, cx));
  }
}

function mtpDevice(
  { id, source, target, readonly, ...rest }: Placed<Filesystem>,
  cx: EmitContext,
): QemuOption {
  return jsonOption('-device', {
    driver: 'usb-mtp',
    id,
    rootdir: source?.dir,
    desc: target?.dir,
    readonly: readonly === true,
    ...addressProps({ id, ...rest }, cx.domain),
  });
}

/** `-fsdev` (it takes no JSON up to QEMU 10.0). */
function fsdev(filesystem: Placed<Filesystem>): QemuOption {
  const { id, driver, accessmode = 'passthrough', multidevs, source, readonly } = filesystem;
  const isHandle = driver?.type === 'handle';
  return keysOption('-fsdev', [
    [null, isHandle ? 'handle' : 'local'],
    ['security_model', isHandle ? undefined : accessmode === 'squash' ? 'none' : accessmode],
    ['multidevs', multidevs === 'default' ? undefined : multidevs],
    ['fmode', octal(filesystem.fmode)],
    ['dmode', octal(filesystem.dmode)],
    ['writeout', driver?.wrpolicy],
    ['id', fsdevId(id)],
    ['path', source?.dir],
    ['readonly', readonly ? null : undefined],
  ]);
}

function octal(mode: number | undefined): string | undefined {
  return mode?.toString(8).padStart(4, '0');
}

function fsdevId(id: string): string {
  return `fsdev-${id}`;
}

function p9Device(filesystem: Placed<Filesystem>, cx: EmitContext): QemuOption {
  const { id, target } = filesystem;
  return device(filesystem, 'virtio-9p', { fsdev: fsdevId(id), mount_tag: target?.dir }, cx);
}

function virtiofs(filesystem: Placed<Filesystem>, cx: EmitContext): Emission {
  const { id, source, target, driver } = filesystem;
  const path = source?.socket ?? `${machineDirectory(cx.domain.name, cx.env)}/${id}-fs.sock`;
  const own = { chardev: vhostUserChardev(id), 'queue-size': driver?.queue, tag: target?.dir };
  return {
    options: [vhostUserSocket(id, { path }, cx), device(filesystem, 'vhost-user-fs', own, cx)],
    host: source?.socket === undefined ? [virtiofsd(filesystem, path)] : [],
  };
}

/** The daemon that serves the directory. */
function virtiofsd(
  { id, source, binary, idmap, readonly }: Placed<Filesystem>,
  socket: string,
): HostRequirement {
  const { path, xattr, cache, sandbox, thread_pool: threadPoolSize, openfiles: maxOpenFiles } = binary ?? {};
  return {
    type: 'virtiofsd',
    device: id,
    socket,
    directory: source?.dir ?? '',
    readonly: readonly === true,
    ...(path !== undefined && { binary: path }),
    ...(xattr !== undefined && { xattr }),
    ...(cache !== undefined && { cache }),
    ...(sandbox !== undefined && { sandbox }),
    ...(threadPoolSize !== undefined && { threadPoolSize }),
    ...(maxOpenFiles !== undefined && { maxOpenFiles }),
    ...(idmap !== undefined && { idMap: { uids: idmap.uid, gids: idmap.gid } }),
  };
}

function device(
  filesystem: Placed<Filesystem>,
  name: string,
  own: Record<string, PropValue | undefined>,
  cx: EmitContext,
): QemuOption {
  return jsonOption('-device', {
    driver: virtioDriver(name, filesystem.model),
    ...virtioProps(filesystem.driver),
    id: filesystem.id,
    ...own,
    bootindex: bootIndex(filesystem, cx.domain),
    ...addressProps(filesystem, cx.domain),
  });
}
