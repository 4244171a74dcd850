import {
  addFdOption,
  fdSetPath,
  jsonOption,
  type Origin,
  type PropValue,
  type QemuOption,
} from '../../../plan/index.ts';
import type { Context } from '../../context.ts';
import type { Image } from './layer.ts';
import { accessesOf, fdOfGroup } from './names.ts';
import { networkNode } from './network-node.ts';
import type { SourceOf } from './source.ts';

/** The lowest node of an image: how QEMU reaches the bytes. */
export interface ProtocolNode {
  readonly objects: readonly QemuOption[];
  readonly props: Readonly<Record<string, PropValue | undefined>>;
  /** The driver has the property `aio` (local files and devices). */
  readonly takesAio: boolean;
}

export type NodeProps = ProtocolNode['props'];

/** The storage node's driver and its properties (QAPI: `BlockdevOptions<driver>`), and the objects that it refers to. */
export function protocolNode(image: Image, node: string, cx: Context, from?: Origin): ProtocolNode {
  const { source } = image;
  switch (source.kind) {
    case 'file':
    case 'block':
      return localNode(image, node, cx, from);
    case 'dir':
      return plain({
        driver: 'vvfat',
        dir: source.dir ?? '',
        floppy: image.isFloppy ?? false,
        rw: !image.readonly,
      });
    case 'nvme':
      return plain({ driver: 'nvme', device: nvmeFunction(source.address), namespace: source.namespace });
    case 'vhostvdpa':
      return plain({ driver: 'virtio-blk-vhost-vdpa', path: source.dev });
    case 'network':
      return networkNode(image, source, node, cx, from);
  }
}

function plain(props: NodeProps, objects: readonly QemuOption[] = []): ProtocolNode {
  return { props, objects, takesAio: false };
}

function localNode(image: Image, node: string, cx: Context, from?: Origin): ProtocolNode {
  const { source } = image;
  if (source.kind === 'file') return fileNode(image, source, from);
  if (source.kind !== 'block') return plain({});
  const dev = source.dev ?? '';
  const driver = image.isCdrom && cx.env.facts.hostCdroms.includes(dev) ? 'host_cdrom' : 'host_device';
  const manager = reservationsManager(image, node, from);
  return {
    props: { driver, filename: dev, 'pr-manager': manager?.id },
    objects: manager?.objects ?? [],
    takesAio: true,
  };
}

/** A file that QEMU opens, or one that is open already and is passed on. */
function fileNode(image: Image, { file = '', fdgroup }: SourceOf<'file'>, from?: Origin): ProtocolNode {
  if (fdgroup === undefined)
    return { props: { driver: 'file', filename: file }, objects: [], takesAio: true };
  const fds = accessesOf(image).map((access) => fdOfGroup(fdgroup, access));
  const set = fds[0] ?? '';
  return {
    props: { driver: 'file', filename: fdSetPath(set) },
    objects: fds.map((fd) => addFdOption(fd, from, set)),
    takesAio: true,
  };
}

/** The id of the persistent reservation manager that all disks with managed reservations share. */
export const MANAGED_RESERVATIONS = 'pr-helper0';

/** Whether an image uses the machine's own reservation manager. */
export function usesManagedReservations({ source }: Image): boolean {
  const reservations = source.kind === 'block' ? source.reservations : undefined;
  return reservations !== undefined && (reservations.managed === true || reservations.source === undefined);
}

function reservationsManager(image: Image, node: string, from?: Origin) {
  const reservations = image.source.kind === 'block' ? image.source.reservations : undefined;
  if (reservations === undefined) return undefined;
  const { managed, source } = reservations;
  if (managed || source === undefined) return { id: MANAGED_RESERVATIONS, objects: [] };
  const id = `pr-helper-${node}`;
  return { id, objects: [reservationsObject(id, source.path, from)] };
}

/** `-object pr-manager-helper` (QEMU's `docs/pr-manager.rst`). */
export function reservationsObject(id: string, path: string, from?: Origin): QemuOption {
  return jsonOption('-object', { 'qom-type': 'pr-manager-helper', id, path }, from);
}

/** `0000:01:00.0` */
export function nvmeFunction(address: ImageAddress): string {
  const { domain = 0, bus = 0, slot = 0, function: fn = 0 } = address;
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  return `${hex(domain, 4)}:${hex(bus, 2)}:${hex(slot, 2)}.${fn.toString(16)}`;
}
type ImageAddress = Extract<Image['source'], { kind: 'nvme' }>['address'];
