import type { Emission, EmitContext } from '../../context.ts';
import { reservationsSocket } from '../../shared/storage/host.ts';
import {
  MANAGED_RESERVATIONS,
  reservationsObject,
  usesManagedReservations,
} from '../../shared/storage/protocol.ts';
import { imagesOf } from './images.ts';

/** The reservation manager that all disks with managed reservations share, and the helper that it talks to. */
export function managedReservations(cx: EmitContext): Emission {
  const disks = cx.domain.devices.disk;
  const images = imagesOf(disks, cx);
  const user = disks.find((disk) => {
    const image = images.get(disk)?.image;
    return image !== undefined && usesManagedReservations(image);
  });
  if (user === undefined) return { options: [] };
  const socket = reservationsSocket(cx.domain.name, cx);
  return {
    options: [reservationsObject(MANAGED_RESERVATIONS, socket)],
    host: [{ type: 'reservations-helper', device: user.id, socket }],
  };
}
