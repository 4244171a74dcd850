import { keysOption, type Origin, type QemuOption } from '../../plan/index.ts';
import type { Context } from '../context.ts';
import { type Reconnect, reconnectKeys } from './chardev/index.ts';

/** `-chardev socket` to the process that serves a vhost-user device; its id is `chr-vu-` and the device's. */
export function vhostUserSocket(
  device: string,
  socket: { readonly path: string; readonly reconnect?: Reconnect | undefined },
  cx: Context,
  from?: Origin,
): QemuOption {
  return keysOption(
    '-chardev',
    [
      [null, 'socket'],
      ['id', vhostUserChardev(device)],
      ['path', socket.path],
      ...reconnectKeys(socket, cx.env),
    ],
    from,
  );
}

export function vhostUserChardev(device: string): string {
  return `chr-vu-${device}`;
}
