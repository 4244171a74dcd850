import {
  type HostRequirement,
  type Props,
  type QemuOption,
  type QmpCall,
  TEMPORARY_FILES,
} from '../../../plan/index.ts';
import type { EmitContext } from '../../context.ts';
import type { Placed } from '../../shared/device-base.ts';
import type { Image } from '../../shared/storage/index.ts';
import type { Disk } from './model.ts';

/** The file that takes what the guest writes to a transient disk. */
export function overlayRequirement(
  disk: Placed<Disk>,
  image: Image,
  { domain, env }: EmitContext,
): HostRequirement {
  const base = image.source.kind === 'file' ? (image.source.file ?? '') : '';
  return {
    type: 'overlay',
    device: disk.id,
    path: overlayPath(base, domain.name),
    base,
    baseFormat: image.format,
    records: `${env.config.libDir}/${TEMPORARY_FILES}`,
  };
}

function overlayPath(base: string, name: string): string {
  return `${base}.TRANSIENT-${name}`;
}

/**
 * Puts the overlay on top before the guest runs: the command line names the disk's own image, as libvirt's does.
 * @param top the image's uppermost node
 */
export function putOverlay(requirement: HostRequirement, image: Image, top: string): readonly QmpCall[] {
  if (requirement.type !== 'overlay') return [];
  const { node, add } = overlayNodes(requirement.path, image, null);
  return [add, { execute: 'blockdev-snapshot', arguments: { node: top, overlay: node } }];
}

/** A base that several machines share is only read, so the disk is plugged in when its overlay is there. */
export function plugOverlaid(
  requirement: HostRequirement,
  image: Image,
  below: readonly QemuOption[],
  top: string,
  device: (drive: string) => QemuOption,
): readonly QmpCall[] {
  if (requirement.type !== 'overlay') return [];
  const { node, add } = overlayNodes(requirement.path, image, top);
  return [...below.flatMap(asCall), add, ...asCall(device(node))];
}

function overlayNodes(
  filename: string,
  image: Image,
  backing: string | null,
): { node: string; add: QmpCall } {
  const node = `${image.node}-overlay`;
  const file = { driver: 'file', filename };
  return {
    node,
    add: { execute: 'blockdev-add', arguments: { driver: 'qcow2', 'node-name': node, file, backing } },
  };
}

const COMMANDS: Readonly<Record<string, string>> = {
  '-blockdev': 'blockdev-add',
  '-object': 'object-add',
  '-device': 'device_add',
};

/** An option's QMP command: JSON options take the command's own arguments. */
function asCall({ option, value }: QemuOption): QmpCall[] {
  const execute = COMMANDS[option];
  if (execute === undefined || value?.form !== 'json') return [];
  return [{ execute, arguments: value.props satisfies Props }];
}
