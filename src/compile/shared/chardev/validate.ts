import { schemaHas } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { chardevErrors } from './errors.ts';
import { type Chardev, type ChardevType, udpEnds } from './model.ts';
import type { ChardevSource } from './schema.ts';

/** The attributes of `<source>` without which there is nothing to connect to. */
const NEEDED: Partial<Record<ChardevType, readonly ('path' | 'host' | 'service' | 'channel')[]>> = {
  dev: ['path'],
  file: ['path'],
  pipe: ['path'],
  unix: ['path'],
  tcp: ['host', 'service'],
  udp: ['service'],
  spiceport: ['channel'],
  dbus: ['channel'],
};

const CHANNEL_NAME = /^[\w.-]*$/;

/**
 * The rules of the host side of one character device.
 * @param options.ownPath a socket without a path is named by qdom (virtio channels)
 * @param options.carriesSpice the device is one that SPICE has a channel of its own for
 */
export function validateChardev(
  chardev: Chardev,
  cx: ValidateContext,
  options: { readonly ownPath?: boolean; readonly carriesSpice?: boolean } = {},
): void {
  validateType(chardev, cx);
  if (chardev.type === 'spicevmc' && !options.carriesSpice)
    cx.report.add(chardevErrors['spicevmc-elsewhere'], undefined, whereIs(chardev, '@type'));
  if (!(options.ownPath && chardev.type === 'unix')) validateSource(chardev, cx);
  const [source] = chardev.source;
  if (source?.channel !== undefined && !CHANNEL_NAME.test(source.channel))
    cx.report.add(chardevErrors['channel-name'], { channel: source.channel }, whereIs(source, '@channel'));
  if (source?.reconnect !== undefined) validateReconnect(source, cx);
  const protocol = chardev.protocol?.type;
  if (protocol === 'telnets' || protocol === 'tls')
    cx.report.add(chardevErrors['unsupported-protocol'], { protocol }, whereIs(chardev.protocol, '@type'));
}

function validateType(chardev: Chardev, cx: ValidateContext): void {
  const { type } = chardev;
  const where = whereIs(chardev, '@type');
  if (type === 'nmdm') cx.report.add(chardevErrors['unsupported-type'], { type }, where);
  else if ((type === 'spicevmc' || type === 'spiceport') && !hasSpice(cx))
    cx.report.add(chardevErrors['needs-spice'], { type }, where);
  else if (
    (type === 'qemu-vdagent' || type === 'dbus') &&
    !schemaHas(cx.env.caps, 'chardev-add', 'backend', 'type', `=${type}`)
  )
    cx.report.add(chardevErrors['type-unavailable'], { type }, where);
}

function hasSpice({ domain }: ValidateContext): boolean {
  return domain.devices.graphics.some((g) => 'type' in g && g.type === 'spice');
}

function validateSource(chardev: Chardev, cx: ValidateContext): void {
  const { type } = chardev;
  const source = type === 'udp' ? udpEnds(chardev).connect : chardev.source[0];
  for (const name of NEEDED[type] ?? [])
    if (source?.[name] === undefined)
      cx.report.add(chardevErrors['missing-source'], { name, type }, whereIs(source ?? chardev));
}

function validateReconnect({ reconnect, mode }: ChardevSource, cx: ValidateContext): void {
  const where = whereIs(reconnect);
  if (mode === 'bind') cx.report.add(chardevErrors['reconnect-of-server'], undefined, where);
  if (reconnect?.enabled !== true) return;
  if (reconnect.timeout === undefined)
    cx.report.add(chardevErrors['reconnect-without-timeout'], undefined, where);
  else if (reconnect.timeout === 0)
    cx.report.add(chardevErrors['reconnect-timeout-zero'], undefined, whereIs(reconnect, '@timeout'));
}
