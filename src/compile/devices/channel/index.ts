import { jsonOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  concatEmissions,
  type Emission,
  type EmitContext,
  emits,
  type ValidateContext,
} from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { chardevId, emitChardev, validateChardev } from '../../shared/chardev/index.ts';
import { addressProps } from '../../shared/device-address.ts';
import type { Placed } from '../../shared/device-base.ts';
import { channelErrors } from './errors.ts';
import { ownPath } from './own-path.ts';
import { type Channel, resolveChannel } from './resolve.ts';
import { type ChannelXml, channelSchema } from './schema.ts';

/** The port that the SPICE agent in the guest opens. */
const SPICE_AGENT_PORT = 'com.redhat.spice.0';

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** Format: "Channel". */
export const channel: DeviceModule<ChannelXml, Channel> = {
  kind: 'channel',
  schema: channelSchema,
  resolve: resolveChannel,
  connect: ({ target }) => (target.type === 'virtio' ? { bus: 'virtio-serial', firstPort: 1 } : undefined),
  validate: validateChannel,
  emit: emitChannel,
};

function validateChannel(device: Placed<Channel>, cx: ValidateContext): void {
  const { type, name } = device.target;
  validateChardev(device, cx, { ownPath: type === 'virtio', carriesSpice: true });
  if (type === 'xen')
    cx.report.add(channelErrors['unsupported-target'], { type }, whereIs(device, 'target', '@type'));
  if (type === 'guestfwd') validateGuestfwd(device, cx);
  if (device.type !== 'spicevmc') return;
  if (type !== 'virtio')
    cx.report.add(channelErrors['spicevmc-not-virtio'], { type }, whereIs(device, 'target', '@type'));
  else if (name !== undefined && name !== SPICE_AGENT_PORT)
    cx.report.add(channelErrors['spicevmc-name'], { name }, whereIs(device, 'target', '@name'));
}

function validateGuestfwd({ target }: Channel, cx: ValidateContext): void {
  const { address, port } = target;
  if (address === undefined) cx.report.add(channelErrors['guestfwd-address'], undefined, whereIs(target));
  else if (!IPV4.test(address))
    cx.report.add(channelErrors['guestfwd-not-ipv4'], { address }, whereIs(target, '@address'));
  if (port === undefined) cx.report.add(channelErrors['guestfwd-port'], undefined, whereIs(target));
}

function emitChannel(device: Placed<Channel>, cx: EmitContext): Emission {
  const { id, target } = device;
  const chardev = emitChardev(device, { device: id, ownPath: ownPath(device, cx.domain.name, cx.env) }, cx);
  const guest = target.type === 'guestfwd' ? forward(device) : port(device, cx);
  return concatEmissions([chardev, emits(guest)]);
}

/** What the guest sends to the address goes to the character device; the guest needs no NIC of its own for it. */
function forward({ id, target: { address, port } }: Placed<Channel>) {
  const rule = `tcp:${address}:${port}-chardev:${chardevId(id)}`;
  return jsonOption('-netdev', { type: 'user', guestfwd: [{ str: rule }], id });
}

function port(device: Placed<Channel>, cx: EmitContext) {
  const { id, target } = device;
  return jsonOption('-device', {
    driver: 'virtserialport',
    ...addressProps(device, cx.domain),
    chardev: chardevId(id),
    id,
    name: target.name ?? (device.type === 'spicevmc' ? SPICE_AGENT_PORT : undefined),
  });
}
