import { type HostRequirement, jsonOption, type PropValue, type QemuOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { controllerId } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { fileOwner } from '../../shared/file-owner.ts';
import { secretObject } from '../../shared/secret.ts';
import { storedSecret } from '../../shared/storage/host.ts';
import { iscsiTarget } from '../../shared/storage/network-node.ts';
import { hasParallelBus } from '../disk/controller.ts';
import { firstFreeNode } from '../disk/images.ts';
import { hostdevErrors } from './errors.ts';
import { type Hostdev, isIscsi } from './model.ts';
import type { HostdevOf } from './schema.ts';

type Scsi = Placed<HostdevOf<'scsi'> & Hostdev>;

/** A SCSI unit of the host by its generic node, or one of an iSCSI target, as QEMU's scsi-generic. */
export function emitScsi(dev: Scsi, cx: EmitContext): Emission {
  const node = `libvirt-${nodeNumber(dev, cx)}-backend`;
  const backing = isIscsi(dev) ? iscsiBacking(dev, node, cx) : genericBacking(dev, cx);
  if (backing === undefined) return { options: [] };
  const blockdev = { ...backing.node, 'node-name': node, 'read-only': dev.readonly === true };
  return {
    options: [
      ...backing.before,
      jsonOption('-blockdev', blockdev),
      jsonOption('-device', device(dev, node, cx)),
    ],
    host: backing.host ?? [],
  };
}

interface Backing {
  readonly node: Record<string, PropValue | undefined>;
  readonly before: readonly QemuOption[];
  readonly host?: readonly HostRequirement[];
}

function device(dev: Scsi, node: string, cx: EmitContext): Record<string, PropValue | undefined> {
  const address = dev.address?.type === 'drive' ? dev.address : undefined;
  const { controller = 0, bus: channel = 0, target = 0, unit = 0 } = address ?? {};
  return {
    driver: 'scsi-generic',
    drive: node,
    id: dev.id,
    bootindex: dev.boot?.order,
    bus: `${controllerId(cx.domain, 'scsi', controller)}.0`,
    ...(hasParallelBus(cx.domain, controller)
      ? { 'scsi-id': unit }
      : { channel, 'scsi-id': target, lun: unit }),
  };
}

/** `/dev/sgN` of the unit; recorded facts have one for all. */
function genericBacking(dev: Scsi, cx: EmitContext): Backing | undefined {
  const { adapter, address } = dev.source ?? {};
  const host = (adapter?.name ?? '').replace(/^scsi_host/, '');
  const unit = `${host}:${address?.bus ?? 0}:${address?.target ?? 0}:${address?.unit ?? 0}`;
  const { scsiGenericNodes, scsiGenericNode } = cx.env.facts;
  const name = scsiGenericNodes?.[unit] ?? scsiGenericNode;
  if (name === undefined) {
    cx.report.add(hostdevErrors['scsi-unit-missing'], { unit }, whereIs(dev, 'source'));
    return undefined;
  }
  const path = `/dev/${name}`;
  const isShared = dev.shareable === true;
  return {
    node: { driver: 'host_device', filename: path },
    before: [],
    host: [
      { type: 'scsi-unit', device: dev.id, unit, path, isShared },
      ...fileOwner(dev.id, path, { access: dev.readonly === true ? 'read' : 'write' }, cx),
    ],
  };
}

const ISCSI_PORT = 3260;

function iscsiBacking(dev: Scsi, node: string, cx: EmitContext): Backing {
  const { hosts = [], name = '', auth, initiator } = dev.source ?? {};
  const { name: host = '', port = ISCSI_PORT } = hosts[0] ?? {};
  const secret = `${node}-secret0`;
  return {
    node: {
      driver: 'iscsi',
      portal: `${host.includes(':') ? `[${host}]` : host}:${port}`,
      ...iscsiTarget(name),
      transport: 'tcp',
      ...(auth !== undefined && { user: auth.username, 'password-secret': secret }),
      'initiator-name': initiator?.iqn,
    },
    before: auth === undefined ? [] : [secretObject(secret, cx)],
    host: auth?.secret === undefined ? [] : storedSecret(dev.id, secret, auth.secret, cx),
  };
}

/** libvirt numbers the nodes of SCSI host devices after those of the disks. */
function nodeNumber(dev: Scsi, cx: EmitContext): number {
  const all = cx.domain.devices.hostdev as readonly Hostdev[];
  const known = positions.get(all) ?? new Map(all.filter((d) => d.type === 'scsi').map((d, i) => [d, i]));
  positions.set(all, known);
  return firstFreeNode(cx.domain.devices.disk, cx) + (known.get(dev) ?? 0);
}

/** A memo and no state: a placed list never changes. */
const positions = new WeakMap<readonly Hostdev[], ReadonlyMap<Hostdev, number>>();
