import { jsonOption, type Props, type PropValue } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { virtualNetworkErrors } from '../../network/errors.ts';
import { bootIndex } from '../../shared/boot-index.ts';
import { changed } from '../../shared/changed.ts';
import { addressProps, romProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { isVirtioModel, virtioDriver, virtioProps } from '../../shared/virtio-options.ts';
import { emitAssigned } from './emit-assigned.ts';
import { emitNetdev } from './emit-netdev.ts';
import { interfaceErrors } from './errors.ts';
import { type Attachment, type Interface, modelOf } from './model.ts';

/** The back end (`-netdev`, with what it stands on), then the NIC (`-device`). */
export function emitInterface(nic: Placed<Interface>, cx: EmitContext): Emission {
  const { attachment } = nic;
  switch (attachment.kind) {
    case 'hostdev':
      return { options: [] };
    case 'unknown-network':
      if (attachment.portgroup !== undefined) {
        const { network, portgroup } = attachment;
        cx.report.add(
          virtualNetworkErrors['portgroup-unknown'],
          { network, portgroup },
          whereIs(nic, 'source', '@portgroup'),
        );
        return { options: [] };
      }
      cx.report.add(
        interfaceErrors['network-unknown'],
        { network: attachment.network },
        whereIs(nic, 'source', '@network'),
      );
      return { options: [] };
    default: {
      const backEnd = emitNetdev(nic, attachment, cx);
      return {
        ...backEnd,
        options: [...backEnd.options, jsonOption('-device', frontEnd(nic, attachment, cx))],
        ...(nic.link === 'down' && {
          afterStart: [{ execute: 'set_link', arguments: { name: nic.id, up: false } }],
        }),
      };
    }
  }
}

/** NICs that are host devices are on the command line with the other host devices. */
export function emitAssignedInterface(nic: Placed<Interface>, cx: EmitContext): Emission {
  const { attachment } = nic;
  return attachment.kind === 'hostdev' ? emitAssigned(nic, attachment, cx) : { options: [] };
}

function frontEnd(nic: Placed<Interface>, attachment: Attachment, cx: EmitContext): Props {
  const model = modelOf(nic);
  const isVirtio = isVirtioModel(model);
  return {
    driver: isVirtio ? virtioDriver('virtio-net', model) : model,
    ...(isVirtio && virtioFrontEnd(nic, attachment)),
    netdev: `host${nic.id}`,
    id: nic.id,
    mac: nic.mac.address,
    bootindex: bootIndex(nic, cx.domain),
    ...addressProps(nic, cx.domain),
    ...romProps(nic),
  };
}

/** Properties of QEMU's virtio-net. */
function virtioFrontEnd(nic: Interface, attachment: Attachment): Record<string, PropValue | undefined> {
  const driver = nic.type === 'hostdev' ? undefined : nic.driver;
  const { host, guest } = driver ?? {};
  const queues = attachment.kind === 'user' || attachment.kind === 'socket' ? 0 : (driver?.queues ?? 0);
  return changed(virtioProps(driver), {
    tx: driver?.txmode && { iothread: 'bh', timer: 'timer' }[driver.txmode],
    ioeventfd: driver?.ioeventfd,
    event_idx: driver?.event_idx,
    csum: host?.csum,
    gso: host?.gso,
    host_tso4: host?.tso4,
    host_tso6: host?.tso6,
    host_ecn: host?.ecn,
    host_ufo: host?.ufo,
    mrg_rxbuf: host?.mrg_rxbuf,
    guest_csum: guest?.csum,
    guest_tso4: guest?.tso4,
    guest_tso6: guest?.tso6,
    guest_ecn: guest?.ecn,
    guest_ufo: guest?.ufo,
    ...(queues > 1 && { mq: true, vectors: 2 * queues + 2 }),
    rx_queue_size: driver?.rx_queue_size,
    tx_queue_size: driver?.tx_queue_size,
    rss: driver?.rss,
    hash: driver?.rss_hash_report,
    host_mtu: nic.mtu,
    failover: nic.teaming?.type === 'persistent' ? true : undefined,
  });
}
